"""POST /experiments: models that were made elsewhere."""
from __future__ import annotations

import io
import json
import zipfile

import pytest

from domain.parity import TOLERANCE
from tests.builders import CARRIER, DISTANCE, LATE, TEMP, make_table, make_task, text_cells
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.model_trial import InProcessModelTrial
from tests.fakes.model_wrapper import LinearModelWrapper
from tests.http.problems import check_problem, faults

TASK = make_task()
MODEL = linear_model(TASK, {TEMP: [0.0, 0.05], DISTANCE: [0.0, 0.0004]}, {CARRIER: {"UA": [0.0, 0.5]}}, [0.0, -3.5])


@pytest.fixture
def importing(empty):
    """The task has data; trials run in this process. The files of the parts are real."""
    from adapters.pyarrow.table_files import ParquetTableFiles

    empty.tasks.add(TASK)
    empty.store.append(TASK, [make_table(TASK, 240)])
    empty.container.model_trial.override(
        InProcessModelTrial(ParquetTableFiles(), LinearModelWrapper(), LinearModelLoader()))
    return empty


def send(service, query: str = "", model: bytes | None = MODEL, data=None, **files):
    sent = {} if model is None else {"model": ("model.onnx", model)}
    sent |= {name: (name, content) for name, content in files.items()}
    return service.client.post(f"/experiments{query}", files=sent or None, data=data or {})


def check_file(change: float = 0.0, rows: int = 20) -> bytes:
    table = make_table(TASK, rows, seed=5).without([LATE])
    shares = LinearModelLoader().load(MODEL).predict(table.select(
        column.name for column in TASK.schema.features)).probabilities
    cells = text_cells(table) | {f"probability_{label}": [repr(float(share) + change) for share in shares[:, place]]
                                 for place, label in enumerate(TASK.labels)}
    import csv
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([list(cells), *zip(*cells.values(), strict=True)])
    return out.getvalue().encode()


def test_it_answers_as_an_experiment(importing):
    answer = send(importing, "?task=flights", data={"name": "чужая"}, check=check_file())
    assert (answer.status_code, answer.headers["Location"]) == (201, "/metrics/1"), answer.text
    body = answer.json()
    assert (body["origin"], body["status"], body["name"]) == ("imported", "succeeded", "чужая")
    assert body["mapping"]["labels"] == [0, 1] and body["notes"] == ["the file names no classes"]
    assert body["holdout"] == "unverified" and body["parity"] <= TOLERANCE and len(body["source_sha256"]) == 64
    assert body == importing.client.get("/metrics/1").json() == importing.client.get("/experiments/1").json()


def test_it_is_deployed_and_answers(importing):
    number = send(importing).json()["experiment_id"]
    assert importing.client.get(f"/experiments/{number}/comparison").json()["metrics"]["auc"] > 0.8
    importing.deployments.append("flights", lambda _: _deployment(number))
    importing.container.serving_models().refresh()
    row = {CARRIER: "UA", TEMP: 60.0, "тип двигателя": None, DISTANCE: 2000}
    assert importing.client.post("/forward", json=row).json()["experiment_id"] == number
    card = importing.client.get("/metadata").json()
    assert (card["origin"], card["holdout"]) == ("imported", "unverified")


def _deployment(number):
    from domain.deployment import Deployment
    from tests.fakes.clock import START
    return Deployment("flights", number, None, 1, START)


def test_a_trained_one_says_so(service):
    body = service.client.get("/metrics/1").json()
    assert body["origin"] == "trained" and "mapping" not in body
    assert service.client.get("/metadata").json()["origin"] == "trained"


def test_nothing_is_kept_of_a_dry_run(importing):
    answer = send(importing, "?dry=1")
    assert (answer.status_code, answer.json()["experiment_id"]) == (200, 0)
    assert importing.client.get("/experiments").json()["experiments"] == []


@pytest.mark.parametrize("as_file", [True, False])
def test_a_mapping_as_a_file_or_a_text(importing, as_file):
    text = "labels: ['0', '1']\n"
    answer = send(importing, mapping=text.encode()) if as_file else send(importing, data={"mapping": text})
    assert answer.json()["notes"] == []


def test_other_answers_than_its_makers(importing):
    body = check_problem(send(importing, check=check_file(0.01)), 403)
    assert "on 20 of 20 rows" in body["detail"]
    assert importing.client.get("/experiments").json()["experiments"] == []


def test_every_fault_at_once(importing):
    body = check_problem(send(importing, data={"mapping": "inptus: {}", "dataset_version": "x", "nmae": "?"},
                              check=b"a,b\n1,2\n", export=b"{}"), 400)
    assert set(faults(body)) == {"inptus", "dataset_version", "nmae", "check", "export"}


@pytest.mark.parametrize(("files", "where"), [
    ({"model": None}, "model"), ({"model": b""}, "file"), ({"model": b"?"}, "file"),
    ({"mapping": b"\xff"}, "mapping"), ({"mapping": b"a: [1"}, "mapping"), ({"other": b"1"}, "other"),
    ({"check": b"prediction\n1\n"}, f"check, column {CARRIER}"), ({"check": b""}, "check"),
    ({"check": check_file().replace(b"probability_1", b"p1")}, "check")])
def test_what_cannot_be_used(importing, files, where):
    answer = send(importing, **files)
    if files == {"model": None}:
        answer = importing.client.post("/experiments", files={"check": ("c", b"x")})
    body = check_problem(answer, 400)
    assert where in faults(body) or where in body["detail"], body


@pytest.mark.parametrize("query", ["?task=other", "?dry=maybe", "?dryrun=1"])
def test_wrong_parameters(importing, query):
    check_problem(send(importing, query), 404 if "other" in query else 400)


def test_what_is_no_form(importing):
    check_problem(importing.client.post("/experiments", content=MODEL), 400)


def mlflow(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


FLAVOUR = b"flavors: {onnx: {data: model.onnx, onnx_version: 1.23.2}, python_function: {loader_module: mlflow.onnx}}"


@pytest.mark.parametrize("folder", ["", "runs/1/model/"])
def test_a_model_folder_of_mlflow(importing, folder):
    answer = send(importing, model=mlflow({f"{folder}MLmodel": FLAVOUR, f"{folder}model.onnx": MODEL,
                                           f"{folder}requirements.txt": b"onnx"}))
    assert answer.status_code == 201, answer.text
    artifacts = importing.client.get("/experiments/1/artifacts").json()["artifacts"]
    assert "source.zip" in [item["path"] for item in artifacts]


@pytest.mark.parametrize(("files", "words"), [
    ({"model.onnx": MODEL}, "0 files MLmodel"), ({"MLmodel": FLAVOUR}, "not in the zip"),
    ({"MLmodel": b"flavors: {sklearn: {}}", "model.pkl": b"1"}, "without the flavour onnx (it has sklearn)"),
    ({"MLmodel": b"[]", "a": b"1"}, "without the flavour onnx"),
    ({"MLmodel": b"flavors: {onnx: {data: ../../x}}", "a": b"1"}, "not in the zip"),
    ({"MLmodel": FLAVOUR, "a/MLmodel": FLAVOUR}, "2 files MLmodel")])
def test_other_zips(importing, files, words):
    assert words in check_problem(send(importing, model=mlflow(files)), 400)["detail"]


def test_a_model_that_is_too_large(importing):
    from dataclasses import replace
    importing.container.settings.override(replace(importing.container.settings(), max_model_bytes=100))
    check_problem(send(importing), 413)


def test_a_zip_that_unpacks_to_far_more(importing):
    from dataclasses import replace
    importing.container.settings.override(replace(importing.container.settings(), max_model_bytes=1 << 20))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("MLmodel", FLAVOUR)
        archive.writestr("model.onnx", bytes(64 << 20))
    assert len(bomb.getvalue()) < 1 << 17
    check_problem(send(importing, model=bomb.getvalue()), 413)


def test_the_rows_that_it_may_have_seen(importing):
    from application.use_cases.export_data import ExportData
    export = ExportData(importing.tasks, importing.store).execute("flights").export
    body = send(importing, export=json.dumps(export.to_document()).encode()).json()
    assert body["holdout"] == "exported"


def csv_file(rows: int = 240) -> bytes:
    from adapters.pyarrow.csv_codec import PyarrowCsvCodec
    table = make_table(TASK, rows)
    return b"".join(PyarrowCsvCodec().write(list(table.columns), [table.columns]))


def test_a_task_begins_with_its_model(importing):
    answer = send(importing, "?task=fresh", data={"target": LATE, "name": "first"}, data_=csv_file())
    assert answer.status_code == 400, "a file of another name is none"
    answer = importing.client.post("/experiments?task=fresh", data={"target": LATE, "name": "first"}, files={
        "model": ("model.onnx", MODEL), "data": ("rows.csv", csv_file())})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["task"], body["name"], body["origin"], body["holdout"]) == ("fresh", "first", "imported", "unverified")
    assert importing.client.get("/datasets/fresh").json()["versions"][0]["rows_added"] == 240


@pytest.mark.parametrize(("query", "data", "model", "where"), [
    ("", {"target": LATE}, MODEL, "task"), ("?task=fresh&dry=1", {"target": LATE}, MODEL, "dry"),
    ("?task=fresh", {"target": "none such"}, MODEL, "target"), ("?task=fresh", {"target": LATE}, b"no model", "file"),
    ("?task=fresh", {"target": LATE, "colour": "red"}, MODEL, "colour"),
    ("?task=fresh", {"target": LATE, "mapping": "{what: 1}"}, MODEL, "what"),
])
def test_a_model_that_is_refused_leaves_no_task(importing, query, data, model, where):
    answer = importing.client.post(f"/experiments{query}", data=data, files={
        "model": ("model.onnx", model), "data": ("rows.csv", csv_file())})
    assert answer.status_code == 400 and where in str(answer.json()), answer.text
    assert importing.client.get("/tasks/fresh").status_code == 404
    assert importing.client.get("/experiments?task=flights").json()["experiments"] == []


def test_a_task_that_was_there_stays(importing):
    sent = {"model": ("model.onnx", b"no model"), "data": ("rows.csv", csv_file())}
    answer = importing.client.post("/experiments?task=flights", data={"target": LATE}, files=sent)
    assert answer.status_code in (400, 409)
    assert importing.client.get("/tasks/flights").status_code == 200


def test_what_is_said_of_a_new_task_wants_its_table(importing):
    assert faults(send(importing, data={"target": LATE}).json())["target"].startswith("is unknown")
