"""What comes twice with one Idempotency-Key is done once."""
from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from application.ports.kept_answers import KEPT_FOR
from application.ports.storage import StorageUnavailable
from application.use_cases.deploy import Deploy
from domain.experiment import Status
from domain.task_document import to_document
from entrypoints.http import once
from entrypoints.http.app import create_app
from entrypoints.http.digests import _Digest
from tests.builders import make_table, make_task, succeeded
from tests.fakes.kept_answers import InMemoryKeptAnswers
from tests.http.files import csv_of
from tests.http.problems import check_problem

KEY = {"Idempotency-Key": "a-key-of-mine"}
ONCE = {("/add_data", "put"), ("/retrain", "put"), ("/experiments", "post"), ("/tasks", "post"),
        ("/deploy/{experiment_id}", "post"), ("/rollouts/{task}/promote", "post"), ("/rollouts/{task}/abort", "post"),
        ("/rollback", "post")}
WAITING_S = 20


def deploy(service, headers=KEY, query=""):
    return service.client.post(f"/deploy/{service.served['flights'].id}{query}", headers=headers)


def generations(service) -> int:
    return len(service.deployments.history("flights"))


def test_it_is_done_once_and_told_twice(service):
    before = generations(service)
    first, second = deploy(service), deploy(service)
    assert first.status_code == second.status_code == 200
    assert second.content == first.content and second.headers["content-type"] == first.headers["content-type"]
    assert (second.headers["idempotent-replayed"], "idempotent-replayed" in first.headers) == ("true", False)
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert generations(service) == before + 1


def test_without_a_key_it_is_done_each_time(service):
    before = generations(service)
    deploy(service, {}), deploy(service, {}), deploy(service, {"Idempotency-Key": "another"})
    assert generations(service) == before + 3


def test_a_rollback_goes_back_once(service):
    for _ in range(2):
        service.serve(service.tasks.get("flights"))
    before = generations(service)
    answers = [service.client.post("/rollback?task=flights", headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200] and generations(service) == before + 1


def test_a_task_is_made_once(empty):
    document = to_document(make_task())
    answers = [empty.client.post("/tasks", json=document, headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200] and answers[0].json() == answers[1].json()
    assert "idempotent-replayed" in answers[1].headers


def test_a_form_is_the_same_whatever_its_boundary(service):
    """A client draws it anew each time."""
    content = csv_of(make_table(make_task(), 40))
    answers = [service.client.put("/add_data?task=flights", files={"file": ("rows.csv", content)}, headers=KEY)
               for _ in range(2)]
    assert len({answer.request.headers["content-type"] for answer in answers}) == 2
    assert [answer.json()["duplicate"] for answer in answers] == [False, False]
    assert len(service.store.versions("flights")) == 1
    other = service.client.put("/add_data?task=flights", files={"file": ("rows.csv", content + content[-20:])},
                               headers=KEY)
    assert "with another body" in check_problem(other, 409)["detail"]
    assert "retry-after" not in other.headers


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_boundary_is_left_out_wherever_its_pieces_break(size):
    def told(boundary: bytes) -> str:
        digest, body = _Digest(boundary), b"\r\n".join([b"--" + boundary, b"one--", b"--" + boundary + b"--", b"-ab"])
        for start in range(0, len(body), size):
            digest.add(body[start:start + size])
        return digest.told()

    assert told(b"abc-abd") == told(b"qqqqqqq9") != _Digest(b"abc-abd").told()


@pytest.mark.parametrize(("method", "path"), [("post", "/deploy/7"), ("post", "/rollback"), ("put", "/retrain"),
                                              ("post", "/deploy/1?if_better=auc")])
def test_a_key_is_of_one_request(service, method, path):
    assert deploy(service).status_code == 200
    answer = service.client.request(method, path, headers=KEY)
    assert "/deploy/" in check_problem(answer, 409)["detail"]


def test_what_was_refused_is_tried_anew(service):
    waiting = replace(succeeded(make_task()), status=Status.QUEUED, finished_at=None)
    later = service.experiments.add(waiting)
    path = f"/deploy/{later.id}"
    check_problem(service.client.post(path, headers=KEY), 409)
    assert "idempotent-replayed" not in service.client.post(path, headers=KEY).headers


def test_a_training_that_failed_is_not_begun_again(service, monkeypatch):
    begun = []

    def retrain(_, asked):
        begun.append(asked)
        return service.experiments.add(replace(succeeded(make_task()), status=Status.FAILED, error="no memory"))

    monkeypatch.setattr("application.use_cases.retrain.Retrain.execute", retrain)
    answers = [service.client.put("/retrain?task=flights", headers=KEY, json={"name": "n"}) for _ in range(2)]
    assert len(begun) == 1
    for answer in answers:
        assert "no memory" in check_problem(answer, 403)["detail"]


def test_a_training_that_goes_on_is_told_by_its_place(service, monkeypatch):
    begun = []

    def retrain(_, asked):
        begun.append(asked)
        return service.experiments.add(replace(succeeded(make_task()), status=Status.QUEUED, finished_at=None))

    monkeypatch.setattr("application.use_cases.retrain.Retrain.execute", retrain)
    answers = [service.client.put("/retrain?task=flights&wait=0", headers=KEY, json={}) for _ in range(2)]
    assert len(begun) == 1 and [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].headers["location"] == answers[1].headers["location"]


@pytest.fixture
def held(monkeypatch):
    """A deployment that is under way until it is let go."""
    begun, go_on, original = threading.Event(), threading.Event(), Deploy.execute

    def waiting(self, *given):
        begun.set()
        assert go_on.wait(WAITING_S)
        return original(self, *given)

    monkeypatch.setattr(Deploy, "execute", waiting)
    yield begun, go_on
    go_on.set()


def test_while_it_is_worked_on_it_is_to_come_again(service, held):
    begun, go_on = held
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(deploy, service)
        assert begun.wait(WAITING_S)
        second = deploy(service)
        assert "still worked on" in check_problem(second, 409)["detail"] and second.headers["retry-after"] == "1"
        go_on.set()
        told = first.result().content
    assert deploy(service).content == told


def test_what_is_worked_on_is_held(service, held, monkeypatch):
    begun, go_on = held
    asked, original = threading.Event(), InMemoryKeptAnswers.hold

    def hold(self, *given):
        original(self, *given)
        asked.set()

    monkeypatch.setattr(once, "HOLD_EVERY_S", 0.01)
    monkeypatch.setattr(InMemoryKeptAnswers, "hold", hold)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(deploy, service)
        assert asked.wait(WAITING_S)
        go_on.set()
        assert first.result().status_code == 200


def test_a_fault_of_ours_leaves_the_key_free(service, monkeypatch):
    original = Deploy.execute
    monkeypatch.setattr(Deploy, "execute", lambda *_: 1 / 0)
    assert deploy(service).status_code == 500
    monkeypatch.setattr(Deploy, "execute", original)
    assert deploy(service).status_code == 200


def test_a_day_later_it_is_done_anew(service, clock):
    before = generations(service)
    deploy(service)
    clock.advance(KEPT_FOR - timedelta(hours=1))  # a deployment takes its time, too
    deploy(service)
    assert generations(service) == before + 1
    clock.advance(timedelta(hours=2))
    assert "idempotent-replayed" not in deploy(service).headers
    assert generations(service) == before + 2


def test_each_caller_has_keys_of_his_own(service, settings):
    first, second = "key-of-anna-which-is-long", "key-of-boris-which-is-long"
    service.container.settings.override(replace(settings, api_keys=f"{first}:write:anna,{second}:write:boris"))
    with TestClient(create_app(service.container)) as client:
        service.client = client
        answers = [deploy(service, KEY | {"X-API-Key": key}).json() for key in (first, second, first)]
    assert [answer["deployed_by"] for answer in answers] == ["anna", "boris", "anna"]
    assert answers[0] == answers[2] != answers[1]


@pytest.mark.parametrize("key", ["", "with a space", "x" * 256, "я".encode()])
def test_a_key_that_is_none(service, key):
    answer = deploy(service, {"Idempotency-Key": key})
    assert check_problem(answer, 400)["errors"][0]["where"] == "Idempotency-Key"


def test_two_keys(service):
    check_problem(deploy(service, [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]), 400)


def test_the_database_is_away(service, monkeypatch):
    def away(*_):
        raise StorageUnavailable("the database does not answer")

    before = generations(service)
    monkeypatch.setattr(InMemoryKeptAnswers, "claim", away)
    check_problem(deploy(service), 503)
    assert generations(service) == before
    monkeypatch.undo()
    monkeypatch.setattr(InMemoryKeptAnswers, "keep", away)
    assert deploy(service).status_code == 200, "what was done is told"


def test_it_is_described_once_and_told_of_where_it_is_meant(service):
    document = service.client.get("/openapi.json").json()
    reference = {"$ref": "#/components/parameters/IdempotencyKey"}
    assert document["components"]["parameters"]["IdempotencyKey"]["name"] == "Idempotency-Key"
    assert {(path, method) for path, operations in document["paths"].items() for method, operation
            in operations.items() if reference in operation.get("parameters", ())} == ONCE
    assert all("409" in document["paths"][path][method]["responses"] for path, method in ONCE)


def test_a_handler_that_is_marked_is_on_a_route_that_looks_at_the_mark(service):
    routes = [context.original_route for context in iter_route_contexts(service.client.app.routes)]
    marked = [route for route in routes if once.is_once(getattr(route, "endpoint", None))]
    assert {(route.path, method.lower()) for route in marked for method in route.methods} == ONCE
    assert all(isinstance(route, once.OnceRoute) for route in marked)
