"""GET and POST /tasks, GET /tasks/{name}, GET /datasets/{task}."""
from __future__ import annotations

import io
import json
import zipfile

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from domain.task_document import to_document
from tests.builders import make_table, make_task
from tests.fakes.clock import FixedClock
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.http.problems import check_problem, faults

CSV = "id;доход;город;Survived\n" + "".join(
    f"{n};{'NA' if n % 9 == 0 else n % 5 + 0.5};{('Омск', 'Тула', 'Уфа')[n % 3]};{'' if n % 10 == 0 else n % 2}\n"
    for n in range(1, 61))


@pytest.fixture
def store(empty):
    store = InMemoryFeatureStore(FixedClock())
    empty.container.feature_store.override(store)
    return store


def send(service, csv: str = CSV, **fields):
    return service.client.post("/tasks", data=fields, files={"file": ("titanic.csv", csv.encode())})


def test_of_a_table(empty, store):
    answer = send(empty, name="titanic", target="Survived")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["problem"], body["labels"], body["dataset_version"], body["rows_added"]) == ("binary", [0, 1], 1, 54)
    assert body["inferred"]["rows"] == 60 and body["inferred"]["rows_without_target"] == 6
    columns = {column["name"]: column for column in body["inferred"]["columns"]}
    assert columns["id"]["role"] == "ignored" and "row number" in columns["id"]["why"]
    assert columns["доход"]["type"] == "number" and columns["доход"]["missing"] == pytest.approx(6 / 60)
    assert columns["город"]["distinct"] == 3
    assert empty.client.get("/tasks").json()["tasks"] == [to_document(empty.tasks.get("titanic")) | {"labels": [0, 1]}]


def test_the_positive_label_is_said(empty, store):
    assert send(empty, name="titanic", target="Survived", positive="0").json()["labels"] == [1, 0]
    assert empty.tasks.get("titanic").positive == 0
    problem = check_problem(send(empty, name="other", target="Survived", positive="yes"), 400)
    assert problem["errors"] == [{"where": "positive", "problem": 'is one of 0, 1, got "yes"'}]


def test_a_dry_run_stores_nothing(empty, store):
    body = send(empty, name="titanic", target="Survived", dry_run="true").json()
    assert body["dry_run"] and body["dataset_version"] is None and body["inferred"]["rows"] == 60
    assert not empty.tasks.all()


def test_the_same_again_and_another(empty, store):
    first = send(empty, name="titanic", target="Survived").json()
    assert send(empty, name="titanic", target="Survived").json() == first
    check_problem(send(empty, name="titanic", target="город"), 409)
    assert len(store.versions("titanic")) == 1


@pytest.mark.parametrize(("fields", "where"), [
    ({"name": "a"}, "target"), ({"target": "Survived"}, "name"), ({"name": "a", "target": "survived"}, "target"),
    ({"name": "A b", "target": "Survived"}, "name"), ({"name": "a", "target": "Survived", "problem": "x"}, "problem"),
    ({"name": "a", "target": "Survived", "problem": "segmentation"}, "problem"),
    ({"name": "a", "target": "Survived", "split_by": "nope"}, "split by"),
    ({"name": "a", "target": "Survived", "split_by_time": "Survived"}, "split by time"),
    ({"name": "a", "target": "Survived", "dry_run": "perhaps"}, "dry_run"),
    ({"name": "a", "target": "Survived", "colour": "red"}, "colour"),
])
def test_wrong_fields(empty, store, fields, where):
    assert where in faults(check_problem(send(empty, **fields), 400))
    assert not empty.tasks.all()


@pytest.mark.parametrize("csv", ["", "a,a\n1,2\n", "x,y\n", "x,y\n1,2,3\n", "x,y\n1,\n2,\n"])
def test_wrong_files(empty, store, csv):
    check_problem(send(empty, csv, name="a", target="y"), 400)


@pytest.mark.parametrize(("kind", "write"), [("application/json", json.dumps), ("application/yaml", yaml.safe_dump)])
def test_of_a_document(empty, store, kind, write):
    document = json.loads(json.dumps(to_document(make_task())))
    answer = empty.client.post("/tasks", content=write(document), headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    assert answer.json()["dataset_version"] is None and answer.json()["inferred"] is None
    assert empty.tasks.get("flights") == make_task()


def test_of_a_document_with_rows(empty, store):
    document = {"name": "a", "kind": "tabular", "problem": "binary", "labels": ["0", "1"], "columns": [
        {"name": "доход", "type": "number"}, {"name": "Survived", "type": "category", "role": "target"}]}
    csv = "доход,Survived\n1,0\n2,1\n3,\n"
    assert send(empty, csv, task=yaml.safe_dump(document)).json()["rows_added"] == 2
    body = check_problem(send(empty, "доход,Survived\n1,0\n2,7\n", task=yaml.safe_dump(document | {"name": "b"})), 400)
    assert list(faults(body)) == ["row 2, column Survived"]


def test_split_by_time(empty, store):
    csv = "when,x,y\n" + "".join(f"2024-{1 + n // 28:02}-{1 + n % 28:02},{n % 7},{n % 2}\n" for n in range(60))
    answer = send(empty, csv, name="a", target="y", split_by_time="when").json()
    assert answer["split"]["by_time"] == "when" and answer["rows_added"] == 60
    body = check_problem(empty.client.put("/add_data?task=a", content="when,x,y\n2024-09-01,1,0\n,1,0\n",
                                          headers={"Content-Type": "text/csv"}), 400)
    assert list(faults(body)) == ["row 2, column when"]
    body = check_problem(empty.client.patch("/tasks/a", json={"columns": {"when": {"nullable": True}}}), 400)
    assert "split.by_time" in faults(body)


DOCUMENT = {"name": "a", "kind": "tabular", "problem": "binary", "labels": ["0", "1"], "columns": [
    {"name": "x", "type": "number"}, {"name": "y", "type": "category", "role": "target"}]}


@pytest.mark.parametrize(("said", "where"), [
    ({"name": "b"}, ["name"]), ({"target": "x", "problem": "regression"}, ["target", "problem"]),
    ({"split_by": "x", "split_by_time": "x"}, ["split_by", "split_by_time"]),
    ({"name": "a", "target": "y", "problem": "binary"}, [])])
def test_a_document_and_fields_beside_it_that_say_another_thing(empty, store, said, where):
    answer = send(empty, "x,y\n1,0\n2,1\n", task=yaml.safe_dump(DOCUMENT), **said)
    if where:
        assert list(faults(check_problem(answer, 400))) == where
    assert bool(empty.tasks.all()) is not bool(where)


@pytest.mark.parametrize(("csv", "where"), [
    ("x,y\n1,0\nwarm,1\n", "row 2, column x"), ("x,y\n1,0\n2,9\n", "row 2, column y"), ("x,z\n1,0\n", "column y")])
def test_a_dry_run_of_a_document_looks_at_the_rows(empty, store, csv, where):
    answer = send(empty, csv, task=yaml.safe_dump(DOCUMENT), dry_run="true")
    assert where in faults(check_problem(answer, 400))


def test_a_dry_run_is_changed_and_sent_back(empty, store):
    """The answer is a task document with more beside it."""
    body = send(empty, name="titanic", target="Survived", dry_run="true").json()
    column = next(column for column in body["columns"] if column["name"] == "доход")
    column["type"], column["missing"] = "category", ["NA"]
    answer = send(empty, task=json.dumps(body))
    assert answer.status_code == 200, answer.text
    assert empty.tasks.get("titanic").schema["доход"].type == "category"
    check_problem(send(empty, name="titanic", target="город", dry_run="true"), 409)


def test_each_column_says_how_sure_it_is_and_what_it_may_be_instead(empty, store):
    csv = "код,оценка,x,y\n" + "".join(
        f"{n % 4 + 100},{n % 5 + 1},{'-' if n % 10 == 0 else n / 2},{n % 2}\n" for n in range(60))
    columns = {column["name"]: column for column in send(
        empty, csv, name="a", target="y", dry_run="true").json()["inferred"]["columns"]}
    assert [columns[name]["certainty"] for name in ("код", "оценка", "x", "y")] == [
        "likely", "likely", "likely", "sure"]
    assert columns["y"]["instead"] is None
    assert columns["код"]["instead"]["column"] == {"name": "код", "type": "number"}
    assert columns["x"]["instead"] == {
        "why": '"-" may be a value, and is taken as missing', "column": {"name": "x", "type": "category"},
        "problem": None, "labels": []}


@pytest.mark.parametrize(("body", "kind"), [
    ("", "application/yaml"), ("[1]", "application/json"), ("{", "application/json"), ("a: 1", "image/png"),
    ("name: a\nkind: tabular", "application/yaml"), ("!!python/object:os.system {}", "application/yaml"),
    (b"\xff\xfe", "application/yaml"), ("[" * 10_000_000, "application/json"), ("a: &a 1\nb: *a", "application/yaml"),
    ('{"name": NaN}', "application/json"),
])
def test_wrong_documents(empty, store, body, kind):
    check_problem(empty.client.post("/tasks", content=body, headers={"Content-Type": kind}), 400)


@pytest.mark.parametrize("change", [
    {"description": "\ud800"}, {"labels": [10**30, 1]}, {"columns": [{"name": "\ud800", "type": "number"}]}], ids=str)
def test_what_no_answer_could_say_is_not_stored(empty, store, change):
    document = json.dumps(to_document(make_task()) | change)
    check_problem(empty.client.post("/tasks", content=document, headers={"Content-Type": "application/json"}), 400)
    assert empty.client.get("/tasks").json() == {"tasks": []}


def test_a_long_yaml_is_refused_before_it_is_read(empty, store):
    document = "columns:\n" + "- a\n" * 200_000
    check_problem(empty.client.post("/tasks", content=document, headers={"Content-Type": "application/yaml"}), 413)


def test_a_dry_run_of_a_document_stores_nothing(empty, store):
    document = {"name": "a", "kind": "tabular", "problem": "binary", "labels": ["0", "1"], "columns": [
        {"name": "x", "type": "number"}, {"name": "y", "type": "category", "role": "target"}]}
    body = send(empty, "x,y\n1,0\n", task=yaml.safe_dump(document), dry_run="true").json()
    assert body["dry_run"] and body["dataset_version"] is None and body["inferred"] is None
    assert not empty.tasks.all()


def test_one_task(service):
    store = InMemoryFeatureStore(FixedClock())
    service.container.feature_store.override(store)
    store.append(make_task(), [make_table(make_task(), 30)])
    body = service.client.get("/tasks/flights").json()
    assert [version["rows"] for version in body["versions"]] == [30]
    assert body["deployment"]["experiment_id"] == 1 and body["columns"][0]["name"] == "day"
    check_problem(service.client.get("/tasks/nope"), 404)


def test_data_of_a_task(service):
    store = InMemoryFeatureStore(FixedClock())
    service.container.feature_store.override(store)
    assert service.client.get("/datasets/flights").json() == {
        "task": "flights", "rows": 0, "labels": None, "pixels": None, "versions": [], "warnings": []}
    for seed, n_rows in enumerate((30, 12)):
        store.append(make_task(), [make_table(make_task(), n_rows, seed)])
    body = service.client.get("/datasets/flights").json()
    assert [(entry["dataset_version"], entry["rows_added"], entry["rows"]) for entry in body["versions"]] == [
        (1, 30, 30), (2, 12, 42)]
    assert sum(body["labels"].values()) == pytest.approx(1) and set(body["labels"]) == {"0", "1"}
    check_problem(service.client.get("/datasets/nope"), 404)


@pytest.mark.parametrize(("path", "method"), [
    ("/tasks", "get"), ("/tasks", "post"), ("/tasks/{name}", "get"), ("/datasets/{task}", "get")])
def test_what_is_promised_is_kept(service, path, method):
    service.container.feature_store.override(InMemoryFeatureStore(FixedClock()))
    operation = schemathesis.openapi.from_asgi("/openapi.json", service.client.app)[path][method]

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None,
              phases=[Phase.explicit, Phase.generate])
    @given(operation.as_strategy() | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def check(case) -> None:
        # Whether a task makes sense is more than the document can say.
        case.call_and_validate(excluded_checks=[positive_data_acceptance] if method == "post" else [])

    check()


def test_a_label_that_cannot_be_learned_is_told_before_anything_is_trained(empty, store):
    rare = "x,y\n" + "".join(f"{n % 7 + 0.5},{int(n == 5)}\n" for n in range(60))
    for fields in ({"dry_run": "true"}, {}):
        body = send(empty, rare, name="rare", target="y", **fields).json()
        assert any("label 1" in warning for warning in body["warnings"]), body
    assert empty.client.get("/datasets/rare").json()["warnings"] == body["warnings"]
    more = "x,y\n" + "".join(f"{n % 7},{n % 2}\n" for n in range(100))
    added = empty.client.put("/add_data?task=rare", content=more, headers={"Content-Type": "text/csv"}).json()
    assert added["warnings"] == []


def test_a_dry_run_looks_at_every_row(empty, store):
    answer = send(empty, CSV + "61;1;Омск;1;more\n", name="titanic", target="Survived", dry_run="true")
    assert "row 61" in check_problem(answer, 400)["detail"]


@pytest.mark.parametrize("problem", ["regression", "Regression", "REGRESSION"])
def test_the_problem_in_any_case_of_letters(empty, store, problem):
    body = send(empty, CSV, name="t", target="доход", problem=problem, dry_run="true").json()
    assert body["problem"] == "regression"


def look(service, content: bytes, name: str = "a.csv"):
    return service.client.post("/tasks/look", files={"file": (name, content)})


@pytest.mark.parametrize(("content", "problem"), [
    (b"a,b\n", "has no rows"), (b"[null]", "has no rows"), (b"{}\n{}\n", "has no columns")])
def test_a_file_in_which_there_is_nothing_to_see(empty, content, problem):
    assert faults(check_problem(look(empty, content), 400)) == {"file": problem}


def test_a_file_is_looked_at_before_a_target_is_chosen(empty, store):
    body = look(empty, CSV.encode()).json()
    assert (body["kind"], body["needs"], body["rows"]) == ("tabular", ["name", "target"], 60)
    assert body["read"]["separator"] == ";" and [column["name"] for column in body["columns"]] == [
        "id", "доход", "город", "Survived"]
    town = body["columns"][2]
    assert town["examples"] == ["Тула", "Уфа", "Омск"] and town["type"] == "category"
    assert body["columns"][0]["role"] == "ignored" and "row number" in body["columns"][0]["why"]
    assert not empty.tasks.all()


@pytest.mark.parametrize("csv", ["", "a,a\n1,2\n", "x,y\n1,2,3\n"])
def test_a_file_that_is_none_is_not_looked_at(empty, csv):
    check_problem(look(empty, csv.encode()), 400)


def test_of_pictures_a_name_is_enough(empty):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("images/a.png", b"a")
    assert look(empty, file.getvalue(), "a.zip").json() == {
        "kind": "image", "needs": ["name"], "rows": None, "columns": [], "read": None}


def test_what_gives_the_target_away_is_told_when_the_task_is_made(empty, store):
    csv = "boat,age,saved\n" + "".join(f"{n % 9 if n % 3 else ''},{n * 7 % 50},{'yes' if n % 3 else 'no'}\n"
                                       for n in range(90))
    for fields in ({"dry_run": "true"}, {}):
        body = send(empty, csv, name="boats", target="saved", **fields).json()
        assert body["warnings"] == ["boat alone explains 100.0% of saved: if it is known only afterwards, ignore it"]
    assert empty.client.get("/datasets/boats").json()["warnings"] == []
