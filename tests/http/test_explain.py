"""POST /forward?explain=true."""
from __future__ import annotations

import pytest

from domain.kinds.kind import Problem
from tests.builders import CARRIER, DISTANCE, ENGINE, ROW, TEMP, make_table, make_task
from tests.http.problems import check_problem

FEATURES = [CARRIER, TEMP, ENGINE, DISTANCE]


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
