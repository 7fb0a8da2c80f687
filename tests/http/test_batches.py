"""POST /forward_batch and POST /evaluate with CSV files, through the real CSV codec."""
from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics

from application.ports.model_runner import ModelCrashed
from domain.kinds.kind import Problem
from domain.scoring import EPSILON
from entrypoints.http.responses import Kept, Releasing
from tests.builders import CARRIER, DAY, ENGINE, LABELS, LATE, ROW_ID, TEMP, make_table, make_task, text_cells
from tests.fakes.model_runner import LinearModelLoader
from tests.http.files import cells_of, csv_of, send, send_form
from tests.http.problems import check_problem, faults

ROWS = 50
CSV, JSON = {"Accept": "text/csv"}, {"Accept": "application/json"}
PATHS = ["/forward_batch", "/evaluate"]
PROBLEMS = [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION]


@pytest.fixture
def table():
    return make_table(make_task(), ROWS)


def expected(service, table):
    return service.container.serving_models().current("flights").runner.predict(table)


def check_still_serves(service, table) -> None:
    assert send(service, "/forward_batch", csv_of(table)).status_code == 200


# --- JSON ---

@pytest.mark.parametrize("post", [send, send_form])
def test_every_row_is_answered_in_order(service, table, post):
    answer = post(service, "/forward_batch", csv_of(table))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert list(body) == [
        "request_id", "task", "experiment_id", "count", "read", "passed_over", "predictions", "probabilities"]
    assert body["request_id"] == answer.headers["x-request-id"]
    assert (body["task"], body["experiment_id"], body["count"]) == ("flights", 1, ROWS)
    reference = expected(service, table)
    assert body["predictions"] == reference.values.tolist()
    assert list(body["probabilities"]) == ["0", "1"]
    for position, label in enumerate("01"):
        np.testing.assert_allclose(body["probabilities"][label], reference.probabilities[:, position], rtol=1e-7)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_each_problem_answers_with_its_labels(empty, problem):
    task = make_task(problem)
    empty.serve(task)
    table = make_table(task, ROWS)
    body = send(empty, "/forward_batch", csv_of(table)).json()
    reference = expected(empty, table)
    assert body["predictions"] == pytest.approx(reference.values.tolist()) if not task.labels else (
        body["predictions"] == reference.values.tolist())
    if task.labels:
        assert list(body["probabilities"]) == [str(label) for label in LABELS[problem]]
        assert {type(value) for value in body["predictions"]} == {type(LABELS[problem][0])}
    else:
        assert body["probabilities"] is None


def test_text_labels_are_not_escaped(empty):
    empty.serve(make_task(Problem.MULTICLASS))
    assert "вовремя" in send(empty, "/forward_batch", csv_of(make_table(make_task(), 20))).content.decode()


def test_as_single_rows_would_be_answered(service, table):
    body = send(service, "/forward_batch", csv_of(table)).json()
    for row in range(5):
        values = {name: table[name][row] for name in (CARRIER, TEMP, ENGINE, "расстояние, км")}
        one = {name: value if isinstance(value, str) else None if value != value else float(value)
               for name, value in values.items()}
        answer = service.client.post("/forward", json=one).json()
        assert answer["prediction"] == body["predictions"][row]
        assert answer["probabilities"]["1"] == pytest.approx(body["probabilities"]["1"][row], abs=1e-7)


# --- forms of a file ---

@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("change", [
    bytes, lambda body: b"\xef\xbb\xbf" + body, lambda body: body.replace(b"\n", b"\r\n"),
    lambda body: body.rstrip(b"\n"), lambda body: body.replace(b"\n", b"\n\n"), lambda body: b"\n" + body,
], ids=["plain", "BOM", "CRLF", "no last newline", "blank lines", "blank line first"])
def test_whatever_a_spreadsheet_writes(service, table, separator, change):
    plain = send(service, "/forward_batch", csv_of(table)).json()
    body = send(service, "/forward_batch", change(csv_of(table, separator))).json()
    assert body["predictions"] == plain["predictions"] and body["probabilities"] == plain["probabilities"]


def test_the_order_of_the_columns_does_not_matter_and_known_ones_may_come_beside(service, table):
    cells = text_cells(table)
    plain = send(service, "/forward_batch", csv_of(cells)).json()["predictions"]
    several = dict(reversed(cells.items())) | {ROW_ID: ["7"] * ROWS, "request_id": [""] * ROWS}
    bare = {name: values for name, values in cells.items() if name not in (DAY, LATE)}
    indexed = {"": list(map(str, range(ROWS)))} | cells
    for variant in (several, bare, indexed):
        assert send(service, "/forward_batch", csv_of(variant)).json()["predictions"] == plain


def test_quotes_separators_and_newlines_within_cells(service, table):
    cells = text_cells(table) | {ENGINE: ['a "quoted", one\nof two lines; and\ttab'] * ROWS}
    answer = send(service, "/forward_batch", csv_of(cells), CSV)
    assert cells_of(answer.content)[ENGINE] == cells[ENGINE]


@pytest.mark.parametrize("kind", ["text/csv; charset=utf-8", "TEXT/CSV", "text/csv;header=present"])
def test_ways_to_say_that_it_is_a_csv(service, table, kind):
    assert send(service, "/forward_batch", csv_of(table), {"Content-Type": kind}).status_code == 200


def test_a_form_may_have_other_fields(service, table):
    answer = service.client.post("/forward_batch", data={"note": "привет"}, files={"file": csv_of(table)})
    assert answer.json()["count"] == ROWS


# --- CSV answers ---

@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("path", PATHS)
def test_a_csv_answer_keeps_the_columns_and_adds_the_answers(empty, problem, path):
    task = make_task(problem)
    empty.serve(task)
    table = make_table(task, ROWS)
    sent = dict(reversed((text_cells(table) | {ROW_ID: [f"№ {row}" for row in range(ROWS)]}).items()))
    answer = send(empty, path, csv_of(sent, ";"), CSV)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == "text/csv"
    assert (answer.headers["x-task"], answer.headers["x-experiment-id"]) == ("flights", "1")
    got, reference = cells_of(answer.content), expected(empty, table)
    names = [f"probability_{label}" for label in task.labels]
    assert list(got) == [*sent, "prediction", *names]
    assert {name: got[name] for name in sent} == sent
    if task.labels:
        assert got["prediction"] == [str(value) for value in reference.values.tolist()]
        stacked = np.array([got[name] for name in names], dtype=np.float32).T
        np.testing.assert_array_equal(stacked, reference.probabilities)
    else:
        np.testing.assert_array_equal(np.array(got["prediction"], dtype=np.float32), reference.values)


def test_an_answer_may_be_sent_again(service, table):
    first = send(service, "/forward_batch", csv_of(table), CSV).content
    again = send(service, "/forward_batch", first, CSV)
    assert (again.status_code, again.content) == (200, first), "the old answers are replaced"
    assert json.loads(again.headers["x-passed-over"]) == ["prediction", "probability_0", "probability_1"]
    check_problem(send(service, "/forward_batch", first.replace(b"prediction", b"predicted"), CSV), 400)
    task = make_task(name="forgiving")
    columns = [replace(task.schema[ROW_ID], name=name) for name in ("prediction", "probability_0", "probability_1")]
    service.serve(replace(task, schema=type(task.schema)((*task.schema.columns, *columns))))
    again = send(service, "/forward_batch?task=forgiving", first, CSV)
    assert again.content == first, "the old answers are replaced"


@pytest.mark.parametrize(("accept", "kind"), [
    ("application/json", "application/json"), ("text/csv", "text/csv"), ("*/*", "application/json"),
    ("text/csv, */*;q=0.1", "text/csv"), ("text/*", "text/csv"), ("application/*", "application/json"),
    ("", "application/json"), ("TEXT/CSV", "text/csv"), ("text/csv;q=0.9", "text/csv"),
    ("application/json, text/csv;q=0.5", "application/json"),
    ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
])
@pytest.mark.parametrize("path", PATHS)
def test_the_answer_is_of_the_kind_that_was_asked_for(service, table, path, accept, kind):
    answer = send(service, path, csv_of(table), {"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize("accept", [
    "application/zip", "image/png", "text/html", "nonsense", "application/xml, text/html"])
def test_an_answer_that_cannot_be_had(service, table, accept):
    body = check_problem(send(service, "/forward_batch", csv_of(table), {"Accept": accept}), 400)
    assert "application/json or text/csv" in body["detail"]
    check_still_serves(service, table)


# --- what is no such file ---

@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "image/png", "", "nonsense"])
def test_a_body_that_says_it_is_something_else(service, table, path, kind):
    body = check_problem(send(service, path, csv_of(table), {"Content-Type": kind}), 400)
    assert "text/csv" in body["detail"]


@pytest.mark.parametrize("path", PATHS)
def test_a_form_without_the_field(service, table, path):
    assert "field file" in check_problem(send_form(service, path, csv_of(table), field="data"), 400)["detail"]
    assert "field file" in check_problem(service.client.post(path, files={"file": (None, "text")}), 400)["detail"]


@pytest.mark.parametrize(("kind", "content"), [
    ("multipart/form-data", b"a,b\n1,2\n"), ("multipart/form-data; boundary=", b"x"),
    ("multipart/form-data; boundary=x", b""), ("multipart/form-data; boundary=x", b"no boundary in here"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\nno header\r\n--x--"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\na,b'),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n'),
    ("multipart/form-data; boundary=x", b"--x\r\n: : :\r\n\r\n--x--"),
    ("multipart/form-data; boundary=\xff", b"--\xff\r\n"), ("multipart/form-data; boundary=x; charset=nope", b"--x--"),
    ("multipart/form-data; boundary=" + "x" * 5_000, b"--x--"),
], ids=repr)
def test_a_form_that_cannot_be_read(service, table, kind, content):
    check_problem(send(service, "/forward_batch", content, {"Content-Type": kind.encode("latin-1")}), 400)
    check_still_serves(service, table)


def test_a_form_with_several_files(service, table):
    files = [("file", ("a.csv", csv_of(table))), ("file", ("b.csv", csv_of(table)))]
    check_problem(service.client.post("/forward_batch", files=files), 400)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", [CSV, JSON], ids=["csv", "json"])
@pytest.mark.parametrize(("change", "where"), [
    (lambda body: b"", "file"), (lambda body: b"\n\n", "file"), (lambda body: b"\xff\xfe" + body, "file"),
    (lambda body: b"PK\x03\x04" + body, "file"), (lambda body: body.replace(b"UA", b"\xff\xff", 1), "row "),
    (lambda body: body + b"a,b\n", f"row {ROWS + 1}"), (lambda body: body + b'"open', f"row {ROWS + 1}"),
    (lambda body: body + b"\0\n", f"row {ROWS + 1}"), (lambda body: b"x," + body, "row 1"),
    (lambda body: b"{}", "column "), (lambda body: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 1_000, ""),
], ids=["empty", "blank", "UTF-16", "zip", "not UTF-8", "ragged", "open quote", "NUL", "one name more", "JSON", "PNG"])
def test_a_file_that_cannot_be_read(service, table, path, accept, change, where):
    answer = send(service, path, change(csv_of(table)), accept)
    body = check_problem(answer, 400)
    assert body["errors"][0]["where"].startswith(where), body
    check_still_serves(service, table)


@pytest.mark.parametrize("accept", [CSV, JSON], ids=["csv", "json"])
def test_faulty_cells_are_named_by_row_and_column(service, table, accept):
    cells = text_cells(table)
    cells[TEMP][3], cells[CARRIER][40] = "warm", ""
    body = check_problem(send(service, "/forward_batch", csv_of(cells), accept), 400)
    assert faults(body) == {f"row 4, column {TEMP}": 'expected a number, got "warm"',
                            f"row 41, column {CARRIER}": "a value is required"}


@pytest.mark.parametrize("accept", [CSV, JSON], ids=["csv", "json"])
def test_missing_and_unknown_columns_are_named(service, table, accept):
    cells = {name: values for name, values in text_cells(table).items() if name != TEMP} | {"погода": ["x"] * ROWS}
    body = check_problem(send(service, "/forward_batch", csv_of(cells), accept), 400)
    assert faults(body) == {f"column {TEMP}": "is missing", "column погода": "is unknown"}


def test_a_header_alone_has_no_answers_and_no_metrics(service, table):
    header = csv_of(table).partition(b"\n")[0] + b"\n"
    body = send(service, "/forward_batch", header).json()
    assert (body["count"], body["predictions"], body["probabilities"]) == (0, [], {"0": [], "1": []})
    answer = send(service, "/forward_batch", header, CSV)
    assert answer.status_code == 200
    assert answer.content.decode().rstrip("\n").endswith(",prediction,probability_0,probability_1")
    for accept in (CSV, JSON):
        assert "no labelled rows" in check_problem(send(service, "/evaluate", header, accept), 400)["detail"]
    check_problem(send(service, "/forward_batch", header.replace(b"day,", b"day,x,")), 400)


# --- limits ---

def limited(service, **limits) -> None:
    service.container.settings.override(replace(service.container.settings(), **limits))
    service.container.csv_limits.reset()


@pytest.mark.parametrize("path", PATHS)
def test_the_largest_body_is_allowed_and_no_larger_one(service, table, path):
    content = csv_of(table)
    limited(service, max_body_bytes=len(content))
    assert send(service, path, content).status_code == 200
    check_problem(send(service, path, content + b"\n"), 413)
    check_problem(send(service, path, iter([content, b"\n"])), 413)
    assert send(service, path, iter([content[:100], content[100:]])).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "10"}], ids=["chunked", "a lie"])
def test_a_body_that_is_larger_than_it_said(service, table, headers):
    limited(service, max_body_bytes=3_000_000)
    pieces = (b"x" * 100_000 for _ in range(100))
    check_problem(send(service, "/forward_batch", pieces, headers), 413)
    check_still_serves(service, table)


@pytest.mark.parametrize("size", [100_000, 5_000_000])
def test_a_form_that_is_larger_than_it_said(service, table, size):
    limited(service, max_body_bytes=50_000 if size < 1_000_000 else 3_000_000)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
    pieces = iter([head, *[b"y" * 50_000] * (size // 50_000), b"\r\n--x--\r\n"])
    answer = send(service, "/forward_batch", pieces, {"Content-Type": "multipart/form-data; boundary=x"})
    check_problem(answer, 413)
    check_still_serves(service, table)


def test_limits_of_the_table(service, table):
    limited(service, max_rows=ROWS - 1)
    check_problem(send(service, "/forward_batch", csv_of(table)), 413)
    limited(service, max_rows=ROWS, max_columns=5)
    check_problem(send(service, "/forward_batch", csv_of(table), CSV), 413)
    limited(service, max_columns=100, max_cell_chars=30)
    cells = text_cells(table) | {ENGINE: ["x" * 31] * ROWS}
    assert "row 1" in check_problem(send(service, "/evaluate", csv_of(cells)), 413)["detail"]


# --- which task, and can it ---

def test_tasks(service, table):
    check_problem(send(service, "/forward_batch?task=nope", csv_of(table)), 404)
    service.tasks.add(make_task(name="idle"))
    for accept in (CSV, JSON):
        check_problem(send(service, "/forward_batch?task=idle", csv_of(table), accept), 403)
    check_problem(send(service, "/forward_batch", csv_of(table)), 400)
    assert send(service, "/forward_batch?task=flights", csv_of(table)).json()["task"] == "flights"


@pytest.mark.parametrize("accept", [CSV, JSON], ids=["csv", "json"])
@pytest.mark.parametrize("path", PATHS)
def test_the_model_fails(service, table, monkeypatch, path, accept):
    runner = service.container.serving_models().current("flights").runner
    with monkeypatch.context() as patch:
        patch.setattr(runner, "predict", lambda _: (_ for _ in ()).throw(ModelCrashed("it failed on 50 rows")))
        assert check_problem(send(service, path, csv_of(table), accept), 403)["detail"] == "it failed on 50 rows"
    check_still_serves(service, table)


# --- evaluate ---

def test_metrics_of_a_binary_problem_are_those_of_scikit_learn(service, table):
    body = send(service, "/evaluate", csv_of(table)).json()
    assert list(body)[:4] == ["request_id", "task", "experiment_id", "count"] and body["count"] == ROWS
    truth, score = table[LATE].astype(int), np.array(body["probabilities"]["1"])
    sure = np.clip(score, EPSILON, 1 - EPSILON)
    guessed = (score > 0.5).astype(int)
    assert body["predictions"] == guessed.tolist()
    assert body["metrics"] == pytest.approx({
        "auc": metrics.roc_auc_score(truth, score), "average_precision": metrics.average_precision_score(truth, score),
        "logloss": metrics.log_loss(truth, sure), "brier": metrics.brier_score_loss(truth, score),
        "accuracy": metrics.accuracy_score(truth, guessed), "f1": metrics.f1_score(truth, guessed),
        "precision": metrics.precision_score(truth, guessed), "recall": metrics.recall_score(truth, guessed)}, abs=1e-6)


def test_metrics_of_other_problems_are_those_of_scikit_learn(empty):
    task = make_task(Problem.MULTICLASS)
    empty.serve(task)
    table = make_table(task, ROWS)
    body = send(empty, "/evaluate", csv_of(table)).json()
    scores = np.array([body["probabilities"][label] for label in task.labels]).T
    truth = [task.labels.index(label) for label in table[LATE]]
    assert body["metrics"] == pytest.approx({
        "accuracy": metrics.accuracy_score(truth, scores.argmax(axis=1)),
        "f1_macro": metrics.f1_score(truth, scores.argmax(axis=1), average="macro"),
        "logloss": -np.log(np.clip(scores[range(ROWS), truth], EPSILON, 1)).mean()}, abs=1e-6)


def test_metrics_of_a_regression_are_those_of_scikit_learn(empty):
    task = make_task(Problem.REGRESSION)
    empty.serve(task)
    table = make_table(task, ROWS)
    body = send(empty, "/evaluate", csv_of(table)).json()
    assert body["metrics"] == pytest.approx({
        "rmse": metrics.root_mean_squared_error(table[LATE], body["predictions"]),
        "mae": metrics.mean_absolute_error(table[LATE], body["predictions"]),
        "r2": metrics.r2_score(table[LATE], body["predictions"])}, rel=1e-5)
    assert body["probabilities"] is None


def test_metrics_of_a_csv_answer_are_in_a_header(service, table):
    answer = send(service, "/evaluate", csv_of(table), CSV)
    assert json.loads(answer.headers["x-metrics"]) == send(service, "/evaluate", csv_of(table)).json()["metrics"]
    assert cells_of(answer.content)[LATE] == table[LATE].tolist()


@pytest.mark.parametrize("accept", [JSON, CSV])
def test_a_file_without_any_target_is_refused_before_its_answers_are_kept(service, table, accept):
    def kept():
        service.container.ship_predictions().execute()
        return len(service.client.get("/predictions", params={"task": "flights", "limit": 500}).json()["predictions"])

    cells = text_cells(table)
    body = check_problem(send(service, "/evaluate", csv_of(cells | {LATE: [""] * table.n_rows}), accept), 400)
    assert faults(body) == {f"column {LATE}": "has no value in any row"} and kept() == 0
    send(service, "/evaluate", csv_of(cells), accept)
    assert kept() == table.n_rows


@pytest.fixture
def knows_ua(monkeypatch):
    """The model says that training saw one carrier alone."""
    stamp = LinearModelLoader.stamp
    monkeypatch.setattr(LinearModelLoader, "stamp", lambda self, model, metadata: stamp(
        self, model, metadata | {"categories": json.dumps({CARRIER: ["UA"]})}))


@pytest.mark.parametrize("path", ["/forward_batch", "/evaluate"])
def test_what_is_told_of_a_file_is_in_the_body_and_in_headers(knows_ua, service, table, path):
    cells = text_cells(table)
    cells[LATE][3] = ""
    body = send(service, path, csv_of(cells), JSON).json()
    known = {"UA", ""}
    assert body["unseen"] == {CARRIER: np.mean([cell not in known for cell in cells[CARRIER]])} and body["read"]
    assert ("metrics" in body, body.get("rows_without_target")) == ((path == "/evaluate"), {"/evaluate": 1}.get(path))
    answer = send(service, path, csv_of(cells), CSV)
    told = {name for name in ("read", "passed_over", "metrics", "rows_without_target", "unseen") if name in body}
    assert {name: json.loads(answer.headers[f"x-{name.replace('_', '-')}"]) for name in told} == {
        name: body[name] for name in told}
    document = service.client.get("/openapi.json").json()["components"]["schemas"]["RowsAnswer"]
    assert set(body) <= set(document["properties"]) and set(document["required"]) <= set(body)


@pytest.mark.parametrize("accept", [CSV, JSON], ids=["csv", "json"])
def test_what_cannot_be_judged(service, table, accept):
    body = check_problem(send(service, "/evaluate", csv_of(table.without([LATE])), accept), 400)
    assert faults(body) == {f"column {LATE}": "is missing"}
    cells = text_cells(table)
    cells[LATE][6] = "2"
    body = check_problem(send(service, "/evaluate", csv_of(cells), accept), 400)
    assert faults(body) == {f"row 7, column {LATE}": '"2" is none of the labels 0, 1'}


# --- slots ---

@pytest.fixture
def one_slot(settings):
    return replace(settings, batch_slots=1, busy_wait_s=0.05)


class Held:
    """A model that answers when it is told to."""

    def __init__(self, service, monkeypatch) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        runner = service.container.serving_models().current("flights").runner
        predict = runner.predict

        def wait(table):
            self.begun.set()
            assert self.go_on.wait(20)
            return predict(table)

        monkeypatch.setattr(runner, "predict", wait)


class TestSlots:
    @pytest.fixture
    def settings(self, one_slot):
        return one_slot

    @pytest.mark.parametrize("path", PATHS)
    def test_one_request_more_than_there_are_slots_is_told_to_come_again(self, service, table, monkeypatch, path):
        held, answers = Held(service, monkeypatch), []
        first = threading.Thread(target=lambda: answers.append(send(service, path, csv_of(table))))
        first.start()
        assert held.begun.wait(20)
        busy = send(service, path, csv_of(table))
        check_problem(busy, 503)
        assert int(busy.headers["retry-after"]) >= 1
        check_problem(send(service, "/add_data", csv_of(table), method="PUT"), 503)
        held.go_on.set()
        first.join()
        assert answers[0].status_code == 200
        check_still_serves(service, table)

    def test_faults_give_their_slot_back(self, service, table):
        for content in (b"", csv_of(table) + b"a,b\n", csv_of(table.without([TEMP]))):
            for path in PATHS:
                for accept in (CSV, JSON):
                    check_problem(send(service, path, content, accept), 400)
        check_still_serves(service, table)

    @pytest.mark.parametrize("accept", [CSV, JSON], ids=["csv", "json"])
    @pytest.mark.parametrize("version", ["2.3", "2.4"])
    @pytest.mark.parametrize("after", ["http.response.start", "http.response.body"])
    def test_a_client_that_goes_away_gives_its_slot_back(self, service, accept, version, after):
        table = make_table(make_task(), 40_000)
        connection = Connection(service, csv_of(table), accept, version)
        asyncio.run(connection.leave(after))
        assert connection.bytes_sent < 1_500_000, "it went on for nobody"
        check_still_serves(service, table.take(slice(0, 10)))

    def test_one_that_is_cut_off_before_its_answer_begins_gives_its_slot_back(self, service, table, monkeypatch):
        held = Held(service, monkeypatch)

        async def cut_off() -> None:
            connection = Connection(service, csv_of(table), JSON, "2.3")
            request = asyncio.create_task(connection.leave(None))
            await asyncio.to_thread(held.begun.wait, 20)
            request.cancel()
            held.go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await request

        asyncio.run(cut_off())
        check_still_serves(service, table)

    @pytest.mark.parametrize("path", [*PATHS, "/add_data"])
    @pytest.mark.parametrize("kind", ["text/csv", "multipart/form-data; boundary=x"])
    def test_a_client_that_goes_away_while_it_sends_leaves_nothing(self, service, table, caplog, path, kind):
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
        head = head if kind.startswith("multipart") else b""
        method = "PUT" if path == "/add_data" else "POST"
        connection = Connection(service, head + b"y" * 2_000_000, JSON, "2.3", path, kind, method)
        asyncio.run(connection.stop_sending())
        assert "failed" not in caplog.text, "it is no fault of ours"
        check_still_serves(service, table)


class Connection:
    """One request spoken in ASGI, to a client that does as it likes."""

    def __init__(self, service, content: bytes, headers: dict, version: str, path: str = "/forward_batch",
                 kind: str = "text/csv", method: str = "POST") -> None:
        self._app, self._content, self._version = service.client.app, content, version
        self.gone, self.bytes_sent, self._received = asyncio.Event(), 0, False
        pairs = ({"content-type": kind} | {name.lower(): value for name, value in headers.items()}).items()
        self._scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": version}, "http_version": "1.1",
            "method": method, "path": path, "raw_path": path.encode(), "query_string": b"", "scheme": "http",
            "root_path": "", "server": ("test", 80), "client": ("test", 1),
            "headers": [(name.encode(), value.encode()) for name, value in pairs]}

    async def leave(self, after: str | None) -> None:
        """Goes away at the first message of this type."""
        async def send_to_client(message: dict) -> None:
            self.bytes_sent += len(message.get("body", b""))
            if self.gone.is_set() and self._version >= "2.4":
                raise OSError("the client is gone")
            if message["type"] == after:
                self.gone.set()

        await self._app(self._scope, self._receive, send_to_client)

    async def stop_sending(self) -> None:
        """Goes away before the whole body is sent."""
        messages = iter([{"type": "http.request", "body": self._content, "more_body": True},
                         {"type": "http.disconnect"}])

        async def receive() -> dict:
            return next(messages)

        async def nobody_hears(message: dict) -> None:
            pass

        await self._app(self._scope, receive, nobody_hears)

    async def _receive(self) -> dict:
        if not self._received:
            self._received = True
            return {"type": "http.request", "body": self._content, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}


@pytest.mark.parametrize("cancelled", [False, True])
def test_what_was_kept_is_let_go_of_in_a_thread_or_at_once(cancelled):
    kept, by = Kept(), []

    async def end() -> None:
        kept.add(lambda: by.append(threading.current_thread() is threading.main_thread()))
        if cancelled:
            asyncio.current_task().cancel()
        await kept.ended()

    if cancelled:
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(end())
    else:
        asyncio.run(end())
    assert by == [cancelled]


@pytest.mark.parametrize("failure", [None, OSError, asyncio.CancelledError])
def test_what_is_let_go_of_is_let_go_of_once(failure):
    released = []

    async def response(scope, receive, send) -> None:
        assert released == [], "not before the answer is out"
        if failure:
            raise failure

    async def answer() -> None:
        await Releasing(response, lambda: released.append(True))({}, None, None)

    if failure:
        with pytest.raises(failure):
            asyncio.run(answer())
    else:
        asyncio.run(answer())
    assert released == [True]


def test_a_csv_answer_is_of_the_model_that_was_judged(service, table, monkeypatch):
    """Also if another goes into service between the judging and the writing."""
    judged, evaluate = service.served["flights"].id, service.container.evaluate()
    execute = evaluate.execute

    def deployed_meanwhile(*arguments):
        evaluation = execute(*arguments)
        service.serve(make_task())
        return evaluation

    monkeypatch.setattr(evaluate, "execute", deployed_meanwhile)
    answer = send(service, "/evaluate", csv_of(table), CSV)
    assert service.served["flights"].id != judged
    assert answer.headers["x-experiment-id"] == str(judged)


@pytest.mark.parametrize("path", PATHS)
def test_columns_that_nobody_knows_are_a_fault_or_come_back(service, table, path):
    odd = {"customer": [f"no {row}" for row in range(ROWS)], **text_cells(table)}
    assert set(faults(check_problem(send(service, path, csv_of(odd)), 400))) == {"column customer"}
    expected = send(service, path, csv_of(table)).json()
    body = send(service, f"{path}?extra=ignore", csv_of(odd)).json()
    assert body["ignored"] == ["customer"] and body["predictions"] == expected["predictions"]
    answer = send(service, f"{path}?extra=ignore", csv_of(odd), CSV)
    assert cells_of(answer.content)["customer"] == odd["customer"]
    assert json.loads(answer.headers["x-ignored"]) == ["customer"] and answer.headers["x-count"] == str(ROWS)
    assert "ignored" not in send(service, f"{path}?extra=ignore", csv_of(table)).json()
