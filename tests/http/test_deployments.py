"""POST /deploy/{id}, POST /rollback and GET /deployments."""
from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime

import pytest

from adapters.system.clock import SystemClock
from application.ports.serving_fleet import ServingWorker, TakeoverFailure
from domain.provenance import model_path
from tests.builders import ROW, TEMP, make_experiment, make_table, make_task, succeeded
from tests.fakes.clock import START
from tests.fakes.model_runner import linear_model, with_probe
from tests.http.problems import check_problem

KEYS = ["task", "experiment_id", "previous_experiment_id", "generation", "created_at", "reason",
        "deployed_by", "threshold", "rollout"]


@pytest.fixture
def clock() -> SystemClock:
    """A takeover really waits for the thread that takes deployments over."""
    return SystemClock()


def train(service, weight: float = 0.01, model: bytes | None = None, task=None) -> int:
    task = task or make_task()
    experiment = service.experiments.add(succeeded(task))
    sound = with_probe(task, linear_model(task, {TEMP: [0.0, weight]}, bias=[0.0, -50 * weight]), make_table(task, 8))
    service.artifacts.put(model_path(experiment.id), io.BytesIO(sound if model is None else model))
    return experiment.id


def answering(service) -> int:
    return service.client.post("/forward", json=ROW).json()["experiment_id"]


def history(service, query: str = "") -> list[dict]:
    return service.client.get(f"/deployments{query}").json()["deployments"]


def test_the_answer_says_what_was_done_and_the_next_one_comes_from_the_new_model(service):
    for generation in (2, 3, 4):
        before, number = answering(service), train(service)
        answer = service.client.post(f"/deploy/{number}")
        assert answer.status_code == 200
        assert answering(service) == number
        body = answer.json()
        assert list(body) == KEYS
        assert (body["task"], body["experiment_id"], body["previous_experiment_id"], body["generation"],
                body["reason"]) == ("flights", number, before, generation, "deploy")
        assert datetime.fromisoformat(body["created_at"]).tzinfo


def test_the_first_deployment_of_a_task(empty):
    empty.tasks.add(make_task())
    check_problem(empty.client.post("/forward", json=ROW), 403)
    body = empty.client.post(f"/deploy/{train(empty)}").json()
    assert (body["previous_experiment_id"], body["generation"]) == (None, 1)
    assert answering(empty) == 1


@pytest.mark.parametrize("number", [0, 77, -1, 2**31, 2**63, 10**30])
def test_an_unknown_experiment(service, number):
    assert str(number) in check_problem(service.client.post(f"/deploy/{number}"), 404)["detail"]


@pytest.mark.parametrize("text", ["x", "1.5", "%00", "null"])
def test_an_id_that_is_no_number(service, text):
    check_problem(service.client.post(f"/deploy/{text}"), 400)


def test_an_experiment_that_has_not_succeeded(service):
    number = service.experiments.add(make_experiment(make_task())).id
    for step, status in ((lambda it: it, "queued"), (lambda it: it.start(START), "running"),
                         (lambda it: it.fail(START, "x"), "failed")):
        service.experiments.update(number, step)
        assert status in check_problem(service.client.post(f"/deploy/{number}"), 409)["detail"]
    assert answering(service) == 1


@pytest.mark.parametrize(("model", "words"), [
    (b"", "JSON"), (b"\x08\x07\x12", "JSON"), (linear_model(make_task()), "no probe"),
    (with_probe(make_task(name="other"), linear_model(make_task(name="other")), make_table(make_task(), 8)), "other"),
], ids=["empty", "garbage", "no probe", "another task"])
def test_a_broken_model_is_told_in_words_and_changes_nothing(service, model, words):
    before = history(service)
    assert words in check_problem(service.client.post(f"/deploy/{train(service, model=model)}"), 403)["detail"]
    assert answering(service) == 1
    assert history(service) == before


def test_a_process_that_cannot_take_it_over(service):
    fleet, clock, number = service.container.serving_fleet(), service.container.clock(), train(service)
    fleet.report(ServingWorker("another", clock.now(), {"flights": 1}, {
        "flights": TakeoverFailure(2, "its disk is full")}))
    # The one that failed dies meanwhile, so that nobody waits for it to take the old one over.
    workers = fleet.workers
    fleet.workers = lambda since: [worker for worker in workers(since) if len(history(service)) == 2
                                   or worker.id != "another"]
    assert "its disk is full" in check_problem(service.client.post(f"/deploy/{number}"), 403)["detail"]
    assert answering(service) == 1
    assert [item["reason"] for item in history(service)] == ["taken back", "deploy", "deploy"]


def test_only_if_it_is_better(service):
    service.store.append(make_task(), [make_table(make_task(), 240)])
    good, bad = train(service, 0.05), train(service, -0.05)
    assert service.client.post(f"/deploy/{good}").status_code == 200
    body = check_problem(service.client.post(f"/deploy/{bad}?if_better=auc"), 409)
    assert f"experiment {bad} is not better: auc" in body["detail"]
    assert answering(service) == good
    assert service.client.post(f"/deploy/{bad}").status_code == 200
    assert service.client.post(f"/deploy/{good}?if_better=logloss").status_code == 200
    for metric in ("nope", "", "rmse", "%00", "x" * 3_000):
        check_problem(service.client.post(f"/deploy/{good}?if_better={metric}"), 400)


class TestSlots:
    """To find out which is better takes as long as an evaluation; to deploy does not."""

    @pytest.fixture
    def settings(self, settings):
        return replace(settings, batch_slots=1, busy_wait_s=0.05)

    def test_a_comparison_waits_for_its_turn(self, service):
        service.store.append(make_task(), [make_table(make_task(), 240)])
        good, slots = train(service, 0.05), service.container.slots()
        service.client.portal.call(slots.take)
        busy = service.client.post(f"/deploy/{good}?if_better=auc")
        check_problem(busy, 503)
        assert int(busy.headers["retry-after"]) >= 1
        check_problem(service.client.get(f"/experiments/{good}/comparison"), 503)
        assert service.client.post(f"/deploy/{train(service, -0.05)}").status_code == 200
        service.client.portal.call(slots.give_back)
        for _ in range(2):
            assert service.client.post(f"/deploy/{good}?if_better=nope").status_code == 400
        assert service.client.post(f"/deploy/{good}?if_better=auc").status_code == 200
        assert answering(service) == good


def test_back_and_forth(service):
    second, third = train(service), train(service)
    for number in (second, third):
        service.client.post(f"/deploy/{number}")
    for expected in (second, 1):
        body = service.client.post("/rollback").json()
        assert (body["experiment_id"], body["reason"]) == (expected, "rollback")
        assert answering(service) == expected
    assert "no earlier" in check_problem(service.client.post("/rollback"), 409)["detail"]
    assert [item["experiment_id"] for item in history(service)] == [1, second, third, second, 1]


def test_rollback_names_its_task(service):
    check_problem(service.client.post("/rollback?task=nope"), 404)
    service.tasks.add(make_task(name="idle"))
    check_problem(service.client.post("/rollback?task=idle"), 409)
    check_problem(service.client.post("/rollback"), 400)


def test_nothing_was_deployed(empty):
    assert history(empty) == []
    empty.tasks.add(make_task())
    check_problem(empty.client.post("/rollback"), 409)


def test_deployments_are_newest_first_and_of_one_task(service):
    service.client.post(f"/deploy/{train(service)}")
    service.serve(make_task(name="other"))
    assert [(item["task"], item["experiment_id"]) for item in history(service)] == [
        ("other", 3), ("flights", 2), ("flights", 1)]
    assert all(list(item) == KEYS for item in history(service))
    assert [item["experiment_id"] for item in history(service, "?task=flights&limit=1")] == [2]
    for limit in ("0", "1001", "x"):
        check_problem(service.client.get(f"/deployments?limit={limit}"), 400)
