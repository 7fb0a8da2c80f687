"""GET /metrics/{id} and GET /experiments."""
from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.experiment import Progress
from tests.builders import make_experiment, make_task, succeeded
from tests.fakes.clock import START
from tests.http.problems import check_problem

KEYS = {"experiment_id", "task", "name", "status", "progress", "dataset_version", "commit_hash", "created_at",
        "finished_at", "params", "metrics", "error"}


@pytest.fixture
def many(empty):
    for name in ("a", "b", "c"):
        empty.tasks.add(make_task(name=name))
    for number in range(7):
        empty.experiments.add(make_experiment(make_task(name=("a", "b")[number % 2]), name=f"опыт {number}"))
    return empty


def ids(service, query: str = "") -> list[int]:
    body = service.client.get(f"/experiments{query}").json()
    return [experiment["experiment_id"] for experiment in body["experiments"]]


def test_a_succeeded_experiment(service):
    answer = service.client.get("/metrics/1")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) >= KEYS
    assert (body["experiment_id"], body["task"], body["status"], body["progress"]) == (1, "flights", "succeeded", 1.0)
    assert body["metrics"]["test"] == dict.fromkeys(make_task().rules.metrics) | {"auc": 0.75}
    assert set(body["no_value"]["test"]) == set(make_task().rules.metrics) - {"auc"}
    assert (body["error"], body["dataset_version"]) == (None, 1)
    assert (body["parts"], body["warnings"]) == ({}, []), "it was trained before they were told"
    assert body["params"] == make_task().training.as_dict()
    assert datetime.fromisoformat(body["created_at"]) == START
    assert datetime.fromisoformat(body["finished_at"]) == START + timedelta(seconds=30)


def test_an_experiment_while_it_runs_and_when_it_fails(empty):
    task = make_task()
    experiment = empty.experiments.add(make_experiment(task))
    assert empty.client.get("/metrics/1").json()["status"] == "queued"
    progress = Progress(0.25, "train_model", 5, 20, 0.69)
    empty.experiments.update(experiment.id, lambda queued: queued.start(START).beat(START, progress))
    body = empty.client.get("/metrics/1").json()
    assert (body["status"], body["progress"], body["finished_at"], body["metrics"]) == ("running", 0.25, None, {})
    empty.experiments.update(experiment.id, lambda running: running.fail(START, "мало строк"))
    body = empty.client.get("/metrics/1").json()
    assert (body["status"], body["error"]) == ("failed", "мало строк")


@pytest.mark.parametrize("number", [2, 0, -1, 2**31, 2**31 - 1, 2**63 - 1, 2**63, 10**30, -(10**30)])
def test_an_unknown_experiment(service, number):
    assert str(number) in check_problem(service.client.get(f"/metrics/{number}"), 404)["detail"]


@pytest.mark.parametrize("text", ["x", "1.5", "1e3", "%00", "%ED%A0%80", "null", "9" * 5_000, "1 2"])
def test_an_id_that_is_no_number(service, text):
    body = check_problem(service.client.get(f"/metrics/{text}"), 400)
    assert body["errors"][0]["where"] == "path.experiment_id"


def test_newest_first(many):
    assert ids(many) == [7, 6, 5, 4, 3, 2, 1]
    assert many.client.get("/experiments").json()["next"] is None
    assert many.client.get("/experiments").json()["experiments"][0] == many.client.get("/metrics/7").json()


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_pages_part_the_list(many, limit):
    seen, query = [], f"?limit={limit}"
    for _ in range(8):
        body = many.client.get(f"/experiments{query}").json()
        page = [experiment["experiment_id"] for experiment in body["experiments"]]
        assert 0 < len(page) <= limit
        seen += page
        if body["next"] is None:
            break
        query = f"?limit={limit}&before={body['next']}"
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_of_one_task_and_in_one_status(many):
    many.experiments.update(3, lambda queued: queued.cancel(START))
    assert ids(many, "?task=a") == [7, 5, 3, 1]
    assert ids(many, "?task=b&limit=2") == [6, 4]
    assert ids(many, "?status=cancelled") == [3]
    assert ids(many, "?status=queued&task=a") == [7, 5, 1]
    assert ids(many, "?task=c") == []


@pytest.mark.parametrize("name", ["none", "%00", "%ff"])
@pytest.mark.parametrize("path", ["/experiments", "/deployments"])
def test_of_an_unknown_task(many, path, name):
    check_problem(many.client.get(f"{path}?task={name}"), 404)


@pytest.mark.parametrize(("query", "count"), [
    ("?before=0", 0), ("?before=-5", 0), (f"?before={2**63}", 7), (f"?before={10**30}", 7), ("?before=1", 0)])
def test_any_id_may_end_a_page(many, query, count):
    assert len(ids(many, query)) == count


@pytest.mark.parametrize(("query", "where"), [
    ("?limit=0", "query.limit"), ("?limit=1001", "query.limit"), ("?limit=x", "query.limit"),
    ("?status=nope", "query.status"), ("?before=x", "query.before"), ("?limit=1.5", "query.limit")])
def test_wrong_parameters(many, query, where):
    body = check_problem(many.client.get(f"/experiments{query}"), 400)
    assert body["errors"][0]["where"] == where


def test_no_experiments(empty):
    assert empty.client.get("/experiments").json() == {"experiments": [], "next": None}


@pytest.fixture
def tried(empty):
    """Five of a task, with auc 0.5 to 0.9 and depth 5 to 1, the last of which failed."""
    empty.tasks.add(make_task(name="a"))
    for number in range(1, 6):
        made = {"params": {"depth": 6 - number, "trainer": "catboost"}, "name": f"n{number}"}
        empty.experiments.add(succeeded(make_task(name="a"), {"test": {"auc": 0.4 + number / 10}}, **made)
                              if number < 5 else make_experiment(make_task(name="a"), **made))
    return empty


@pytest.mark.parametrize(("query", "found"), [
    ("filter=auc > 0.55 and depth < 4", [4, 3]), ("sort=auc", [1, 2, 3, 4, 5]), ("sort=-auc", [4, 3, 2, 1, 5]),
    ("sort=-trainer,depth", [5, 4, 3, 2, 1]), ("filter=auc = none", [5]), ("filter=status = 'queued'", [5]),
    ("search=N3", [3]), ("sort=id&offset=1&limit=2", [2, 3]), ("filter=params.depth >= 4&sort=test.auc", [1, 2]),
    ("filter=duration_s > 29&before=3", [2, 1]), ("filter=created_at > '2020'&status=queued", [5]),
    ("filter=brier = none&task=a&sort=id&limit=1", [1])])
def test_they_are_chosen_and_put_in_order(tried, query, found):
    assert ids(tried, "?" + query.replace("'", "%22")) == found


def test_pages_of_chosen_ones(tried):
    first = tried.client.get("/experiments?task=a&sort=id&limit=3").json()
    assert (first["matched"], first["next_offset"], first["next"]) == (5, 3, None)
    assert {"auc", "depth", "params.depth", "test.brier", "tag", "duration_s"} <= set(first["names"])
    last = tried.client.get("/experiments?task=a&sort=id&limit=3&offset=3").json()
    assert (len(last["experiments"]), last["matched"], last["next_offset"]) == (2, 5, None)
    beyond = tried.client.get("/experiments?task=a&sort=id&offset=2147483647").json()
    assert (beyond["experiments"], beyond["matched"], beyond["next_offset"]) == ([], 5, None)


@pytest.mark.parametrize(("query", "where", "words"), [
    ("filter=auc >", "filter", "at character 6: a value is expected"),
    ("filter=auk > 0.8", "filter", "at character 1: no experiment has auk; known are id, name"),
    ("sort=-auk", "sort", "no experiment has auk"), ("sort=,", "sort", "names with commas"),
    ("sort=id,id,id,id,id", "sort", "up to 4"), ("archived=maybe", "query.archived", ""),
    ("offset=-1", "query.offset", "")])
def test_what_cannot_be_asked_for(tried, query, where, words):
    body = check_problem(tried.client.get(f"/experiments?task=a&{query}"), 400)
    assert body["errors"][0]["where"] == where and words in body["errors"][0]["problem"]


def test_marks_are_kept_and_told(tried):
    answer = tried.client.patch("/experiments/2", json={"name": "best", "tags": ["big"], "note": "x", "pinned": True})
    assert answer.status_code == 200 and answer.json() == tried.client.get("/experiments/2").json()
    assert (answer.json()["name"], answer.json()["tags"], answer.json()["pinned"]) == ("best", ["big"], True)
    assert ids(tried, "?filter=tag = %22big%22 and pinned = true") == [2]
    (entry,) = tried.client.get("/history").json()["entries"]
    assert (entry["act"], entry["detail"]["name"]) == ("experiment changed", {"before": "n2", "after": "best"})


def test_the_archive_is_listed_when_asked_for(tried):
    for number in (1, 4):
        assert tried.client.patch(f"/experiments/{number}", json={"archived": True}).json()["archived"]
    assert ids(tried) == ids(tried, "?sort=-id") == [5, 3, 2]
    assert ids(tried, "?archived=only") == ids(tried, "?archived=only&sort=-id") == [4, 1]
    assert ids(tried, "?archived=all") == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("body", ["", "[", "[]", "3", '{"tags": "a"}', '{"depth": 3}', '{"note": null}'])
def test_marks_that_cannot_be(tried, body):
    check_problem(tried.client.patch("/experiments/1", content=body), 400)
    check_problem(tried.client.patch("/experiments/99", json={"note": "x"}), 404)
