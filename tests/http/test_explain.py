"""Answers with `?explain=true`."""
from __future__ import annotations

import csv
import io
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from application.ports.model_runner import ModelCrashed
from domain.kinds.kind import Problem
from tests.builders import CARRIER, DISTANCE, ENGINE, LATE, ROW, TEMP, make_table, make_task, text_cells
from tests.http.files import cells_of, csv_of, send
from tests.http.problems import check_problem

FEATURES = [CARRIER, TEMP, ENGINE, DISTANCE]
PATHS = ["/forward_batch?explain=true", "/evaluate?explain=true"]
CONTRIBUTIONS = [f"contribution_{name}" for name in FEATURES]
COLUMNAR = {"application/vnd.apache.parquet": lambda content: pq.read_table(io.BytesIO(content)),
            "application/vnd.apache.arrow.stream": lambda content: pa.ipc.open_stream(content).read_all()}


@pytest.fixture
def stored(service):
    service.store.append(service.tasks.get("flights"), [make_table(service.tasks.get("flights"), 40)])
    return service


def ask(service, body, query="?explain=true"):
    return service.client.post(f"/forward{query}", json=body)


def test_base_and_contributions_add_up_to_the_probability_of_the_answer(stored):
    body = ask(stored, ROW).json()
    said = body["explanation"]
    assert (list(said), set(said["contributions"])) == (["label", "base", "contributions"], set(FEATURES))
    assert said["label"] == body["prediction"]
    assert said["base"] + sum(said["contributions"].values()) == pytest.approx(
        body["probabilities"][str(body["prediction"])], abs=1e-5)
    assert said["contributions"][CARRIER] > 0 and said["contributions"][ENGINE] == 0, "the model does not look at it"


def test_some_rows_have_theirs_in_columns(stored):
    body = ask(stored, [ROW, ROW | {CARRIER: "B6"}]).json()
    said = body["explanation"]
    assert (body["count"], said["label"]) == (2, body["predictions"])
    for place in range(2):
        share = body["probabilities"][str(said["label"][place])][place]
        assert said["base"][place] + sum(values[place] for values in said["contributions"].values()) == pytest.approx(
            share, abs=1e-5)
    assert said["contributions"][CARRIER][0] != said["contributions"][CARRIER][1]


def test_of_a_number_it_tells_the_number(empty):
    task = make_task(Problem.REGRESSION)
    empty.serve(task)
    empty.store.append(task, [make_table(task, 30)])
    body = ask(empty, ROW).json()
    said = body["explanation"]
    assert list(said) == ["base", "contributions"]
    assert said["base"] + sum(said["contributions"].values()) == pytest.approx(body["prediction"], rel=1e-5)


def test_ignored_columns_and_the_log_are_as_without(stored, kept):
    body = ask(stored, ROW | {"further": 1}, "?explain=true&extra=ignore").json()
    assert list(body)[-2:] == ["explanation", "ignored"]
    assert [rows.n_rows for rows in kept] == [1], "what a model was asked for the explanation is no answer"


@pytest.mark.parametrize("query", ["", "?explain=false"])
def test_it_is_there_only_if_it_is_asked_for(stored, query):
    assert "explanation" not in ask(stored, ROW, query).json()


def test_without_the_rows_it_learned_from_nothing_is_answered(service, kept):
    problem = check_problem(ask(service, ROW), 409)
    assert "to compare rows with" in problem["detail"] and kept == []


def test_other_words_than_true_and_false(stored):
    check_problem(ask(stored, ROW, "?explain=why"), 400)


def test_pictures_have_a_heatmap(stored):
    answer = stored.client.post("/forward?explain=true", files={"image": b"x"})
    assert "heatmap" in check_problem(answer, 400)["detail"]


def test_a_faulty_row_is_told_as_ever(stored):
    check_problem(ask(stored, {}), 400)


# --- files ---

@pytest.fixture
def table():
    return make_table(make_task(), 6, seed=1)


def logged(service) -> int:
    """How many answers the prediction log has."""
    service.container.ship_predictions().execute()
    return len(service.client.get("/predictions?task=flights").json()["predictions"])


def rows_of(table) -> list[dict[str, object]]:
    """As JSON has them."""
    return [{name: cell if isinstance(cell, str) else None if cell != cell else float(cell)
             for name, cell in zip(table.columns, cells, strict=True)}
            for cells in zip(*(column.tolist() for column in table.columns.values()), strict=True)]


@pytest.mark.parametrize("path", PATHS)
def test_a_file_is_explained_as_its_rows_are(stored, table, path):
    body = send(stored, path, csv_of(table)).json()
    assert list(body)[-3:] == ["predictions", "probabilities", "explanation"]
    said, rows = body["explanation"], ask(stored, rows_of(table.select(FEATURES))).json()["explanation"]
    assert list(said) == list(rows) == ["label", "base", "contributions"]
    assert (said["label"], list(said["contributions"])) == (rows["label"], FEATURES)
    assert said["base"] == pytest.approx(rows["base"], abs=1e-6)
    for name in FEATURES:
        assert said["contributions"][name] == pytest.approx(rows["contributions"][name], abs=1e-6)


@pytest.mark.parametrize("path", PATHS)
def test_a_file_of_numbers_is_explained_without_labels(empty, path):
    task = make_task(Problem.REGRESSION)
    empty.serve(task)
    empty.store.append(task, [make_table(task, 30)])
    body = send(empty, path, csv_of(make_table(task, 5))).json()
    said = body["explanation"]
    assert list(said) == ["base", "contributions"]
    told = [base + sum(values[row] for values in said["contributions"].values()) for row, base in
            enumerate(said["base"])]
    assert told == pytest.approx(body["predictions"], rel=1e-4)


@pytest.mark.parametrize("path", PATHS)
def test_in_a_table_explanations_stand_after_the_probabilities(stored, table, path):
    said = send(stored, path, csv_of(table)).json()["explanation"]
    cells = cells_of(send(stored, path, csv_of(table), {"Accept": "text/csv"}).content)
    assert list(cells) == [
        *text_cells(table), "prediction", "probability_0", "probability_1", "explanation_base", *CONTRIBUTIONS]
    assert list(map(float, cells["explanation_base"])) == said["base"]
    for name in FEATURES:
        assert list(map(float, cells[f"contribution_{name}"])) == said["contributions"][name]


@pytest.mark.parametrize("kind", COLUMNAR)
def test_in_typed_files_they_are_numbers(stored, table, kind):
    said = send(stored, PATHS[0], csv_of(table)).json()["explanation"]
    found = COLUMNAR[kind](send(stored, PATHS[0], csv_of(table), {"Accept": kind}).content)
    assert found.column_names[-5:] == ["explanation_base", *CONTRIBUTIONS]
    assert found["explanation_base"].to_pylist() == said["base"]
    assert found["contribution_" + TEMP].to_pylist() == said["contributions"][TEMP]


@pytest.mark.parametrize("path", ["/forward_batch", "/evaluate"])
def test_what_was_explained_can_be_sent_again(stored, table, path):
    answered = send(stored, PATHS[0], csv_of(table), {"Accept": "text/csv"}).content
    body = send(stored, path, answered).json()
    assert body["passed_over"] == [
        "prediction", "probability_0", "probability_1", "explanation_base", *CONTRIBUTIONS]
    again = cells_of(send(stored, PATHS[0], answered, {"Accept": "text/csv"}).content)
    assert again == cells_of(answered)


def test_a_task_that_is_made_of_explained_rows_does_not_learn_from_explanations(stored, table):
    answered = send(stored, PATHS[0], csv_of(make_table(make_task(), 40, seed=1)), {"Accept": "text/csv"}).content
    made = stored.client.post("/tasks", files={"file": ("a.csv", answered)}, data={
        "name": "again", "target": LATE, "dry_run": "true"})
    roles = {column["name"]: column.get("role", "feature") for column in made.json()["columns"]}
    assert {roles[name] for name in ["explanation_base", *CONTRIBUTIONS, "probability_1"]} == {"ignored"}
    assert roles[TEMP] == "feature"


@pytest.mark.parametrize("path", PATHS)
def test_a_file_without_rows(stored, path):
    header = csv_of(make_table(make_task(), 1)).partition(b"\n")[0] + b"\n"
    if path == PATHS[1]:
        check_problem(send(stored, path, header), 400)
        return
    said = send(stored, path, header).json()["explanation"]
    assert said == {"label": [], "base": [], "contributions": {name: [] for name in FEATURES}}
    cells = cells_of(send(stored, path, header, {"Accept": "text/csv"}).content)
    assert list(cells)[-4:] == CONTRIBUTIONS


def test_rows_without_a_target_are_explained_too(stored, table):
    rows = list(csv.DictReader(io.StringIO(csv_of(table).decode())))
    cells = {name: [row[name] for row in rows] for name in rows[0]}
    cells[LATE][2] = ""
    body = send(stored, PATHS[1], csv_of(cells)).json()
    assert (body["rows_without_target"], len(body["explanation"]["base"])) == (1, table.n_rows)


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
@pytest.mark.parametrize("path", PATHS)
def test_more_rows_than_the_limit_are_refused_whole(stored, table, path, accept):
    stored.container.settings.override(replace(stored.container.settings(), max_explained_rows=5))
    problem = check_problem(send(stored, path, csv_of(table), {"Accept": accept}), 413)
    assert "more than 5 rows" in problem["detail"] and "PROGON_MAX_EXPLAINED_ROWS" in problem["detail"]
    assert logged(stored) == 0
    assert send(stored, path, csv_of(table.take(slice(0, 5)))).json()["count"] == 5 == logged(stored)
    assert send(stored, path.partition("?")[0], csv_of(table)).json()["count"] == 6, "without they are answered"


def test_an_array_has_the_same_limit(stored, kept):
    stored.container.settings.override(replace(stored.container.settings(), max_explained_rows=1))
    check_problem(ask(stored, [ROW, ROW]), 413)
    assert kept == [] and ask(stored, [ROW]).json()["count"] == 1


@pytest.mark.parametrize("path", PATHS)
def test_answers_that_cannot_be_explained_are_not_kept(stored, table, path, monkeypatch):
    runner = stored.container.serving_models().current("flights").runner
    predict = runner.predict

    def crashing(rows):
        if rows.n_rows > table.n_rows:
            raise ModelCrashed("the model failed on what lies between")
        return predict(rows)

    monkeypatch.setattr(type(runner), "predict", lambda _, rows: crashing(rows))
    check_problem(send(stored, path, csv_of(table)), 403)
    assert logged(stored) == 0
    monkeypatch.undo()
    send(stored, path, csv_of(table))
    assert logged(stored) == table.n_rows, "what a model was asked for the explanations is no answer"


@pytest.mark.parametrize("path", PATHS)
def test_a_file_that_nothing_is_known_to_compare_with(service, table, path):
    problem = check_problem(send(service, path, csv_of(table)), 409)
    assert "to compare rows with" in problem["detail"] and logged(service) == 0


def test_a_faulty_row_of_a_file_is_told_as_ever(stored, table):
    faulty = csv_of(table) + b"x\n"
    assert check_problem(send(stored, PATHS[0], faulty), 400)["errors"][0]["where"].startswith("row 7")
