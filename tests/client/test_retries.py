"""Nothing is done twice, and what may be asked again is: the same of both clients."""
from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
from progon_client import AsyncClient, Busy, Client, Refused, Retries, ServerFailed, Unreachable
from progon_client.calls.tasks import tasks

from tests.client.scripted import Script, answer, problem

QUICK = Retries(attempts=4, first_s=0.001, longest_s=0.002)
ROW = {"request_id": "r", "task": "t", "experiment_id": 1, "prediction": 1, "probabilities": None}
ADDED = {"task": "t", "batch_id": "b", "dataset_version": 2, "rows_added": 1, "duplicate": False, "late_labels": 0,
         "rows_without_target": 0, "warnings": []}
DEPLOYED = {"task": "t", "experiment_id": 1, "previous_experiment_id": None, "generation": 1,
            "created_at": "2026-01-01T00:00:00Z", "reason": "deploy", "deployed_by": None, "threshold": None,
            "rollout": None}
FILE = {"task": "t", "experiment_id": 1, "count": 1, "predictions": [1], "probabilities": None}
ROWS = b"a,b\n1,2\n"
BUSY, NOT_NOW = problem(503, "busy", retry_after="0"), problem(503, "busy")
UNSENT = (httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full"))
PERHAPS_DONE = (httpx.ReadTimeout("slow"), httpx.ReadError("reset"), httpx.RemoteProtocolError("closed"),
                httpx.WriteError("broken"))
Ask = Callable[..., object]


@pytest.fixture(params=["sync", "async"])
def ask(request) -> Ask:
    """Gives `ask(script, method, *arguments)`."""
    def now(script: Script, method: str, *arguments: object) -> object:
        with Client(retries=QUICK, transport=httpx.MockTransport(script)) as client:
            return getattr(client, method)(*arguments)

    async def later(script: Script, method: str, *arguments: object) -> object:
        async with AsyncClient(retries=QUICK, transport=httpx.MockTransport(script.later)) as client:
            return await getattr(client, method)(*arguments)

    return now if request.param == "sync" else lambda *given: asyncio.run(later(*given))


@pytest.mark.parametrize("step", [*UNSENT, *PERHAPS_DONE, BUSY, NOT_NOW, problem(502, "bad gateway")], ids=repr)
def test_what_changes_nothing_twice_is_sent_again(ask, step):
    script = Script([step, step, answer(ROW)])
    assert ask(script, "forward", {"a": 1}).prediction == 1
    assert len({request.headers["X-Request-ID"] for request in script.requests}) == 1
    assert script.bodies == [b'{"a":1}'] * 3


@pytest.mark.parametrize(("method", "given", "body"), [
    ("add_data", (ROWS,), ADDED), ("add_labels", (ROWS,), {"matched": 1, "unknown": 0, "already": 0}),
    ("forward_batch", (ROWS,), FILE), ("evaluate", (ROWS,), FILE), ("tasks", (), {"tasks": []})])
def test_files_are_sent_again_from_their_start(ask, method, given, body):
    script = Script([PERHAPS_DONE[0], answer(body)])
    ask(script, method, *given)
    assert len(script.requests) == 2
    assert all(ROWS in sent for sent in script.bodies) or method == "tasks"


@pytest.mark.parametrize("step", [*PERHAPS_DONE, NOT_NOW, problem(502, "bad gateway"), problem(500, "internal error")],
                         ids=repr)
def test_what_may_have_been_done_is_not_done_again(ask, step):
    script = Script([step, answer(DEPLOYED)])
    with pytest.raises((Unreachable, Refused)):
        ask(script, "cancel", 1)
    assert len(script.requests) == 1
    assert "Idempotency-Key" not in script.requests[0].headers


@pytest.mark.parametrize(("method", "given"), [
    ("cancel", (1,)), ("edit_task", ("t", {})), ("undo_data", ("t",)), ("delete_experiment", (1,))])
def test_what_changes_something_is_not_sent_again(ask, method, given):
    script = Script([PERHAPS_DONE[0]])
    with pytest.raises(Unreachable):
        ask(script, method, *given)
    assert len(script.requests) == 1


@pytest.mark.parametrize("step", [*UNSENT, *PERHAPS_DONE, BUSY, NOT_NOW, problem(502, "bad gateway"),
                                  problem(409, "conflict", retry_after="0")], ids=repr)
def test_what_has_a_key_is_sent_again_with_it(ask, step):
    script = Script([step, step, answer(DEPLOYED)])
    assert ask(script, "deploy", 1).experiment_id == 1
    keys = [request.headers["Idempotency-Key"] for request in script.requests]
    assert len(keys) == 3 and len(set(keys)) == 1
    ask(script, "deploy", 1)
    assert script.requests[-1].headers["Idempotency-Key"] not in keys


@pytest.mark.parametrize(("method", "given"), [
    ("add_data", (ROWS,)), ("retrain", ("t",)), ("rollback", ()), ("create_task", ("t", ROWS)), ("add_task", ({},)),
    ("import_model", (b"onnx",)), ("deploy", (1,))])
@pytest.mark.parametrize("step", [problem(409, "conflict"), problem(500, "internal error")], ids=repr)
def test_what_cannot_be_done_is_not_asked_again(ask, method, given, step):
    script = Script([step])
    with pytest.raises((Refused, ServerFailed)):
        ask(script, method, *given)
    assert len(script.requests) == 1 and script.requests[0].headers["Idempotency-Key"]


@pytest.mark.parametrize("step", [*UNSENT, BUSY, problem(429, "too many requests", retry_after="0")], ids=repr)
def test_what_was_surely_not_begun_is_sent_again(ask, step):
    script = Script([step, answer(DEPLOYED)])
    assert ask(script, "deploy", 1).experiment_id == 1
    assert len(script.requests) == 2


@pytest.mark.parametrize(("step", "failure"), [
    (UNSENT[0], Unreachable), (BUSY, Busy), (problem(504, "late"), ServerFailed)
], ids=repr)
def test_it_comes_to_an_end(ask, step, failure):
    script = Script([step])
    with pytest.raises(failure):
        ask(script, "tasks")
    assert len(script.requests) == QUICK.attempts


def test_what_is_wrong_is_not_sent_again(ask):
    script = Script([problem(400, "bad request")])
    with pytest.raises(Refused):
        ask(script, "tasks")
    assert len(script.requests) == 1


def test_not_ready_is_an_answer(ask):
    script = Script([answer({
        "status": "not ready", "reasons": ["nothing is deployed"], "warnings": [], "tasks": [],
        "dependencies": [{"name": "database", "status": "ok", "detail": "", "free_bytes": None}]}, 503)])
    found = ask(script, "readiness")
    assert (found.reasons, found.dependencies[0].status) == (["nothing is deployed"], "ok")
    assert len(script.requests) == 1


def test_an_id_of_the_callers_own_is_kept(ask):
    script = Script([NOT_NOW, answer(ROW)])
    with Client(retries=QUICK, transport=httpx.MockTransport(script)) as client:
        client.forward({"a": 1}, request_id="mine")
    assert [request.headers["X-Request-ID"] for request in script.requests] == ["mine", "mine"]


@pytest.mark.parametrize(("attempt", "said", "least", "most"), [
    (1, None, 0.05, 0.1), (2, None, 0.1, 0.2), (9, None, 0.5, 1.0), (1, "3", 3, 3), (1, "0", 0.05, 0.1)])
def test_pauses(attempt, said, least, most):
    retries = Retries(attempts=10, first_s=0.1, longest_s=1.0)
    outcome = problem(503, "busy", retry_after=said)
    assert least <= retries.pause_s(attempt, outcome, tasks()) <= most


def test_nobody_waits_longer_than_their_patience():
    assert Retries(patience_s=5).pause_s(1, problem(503, "busy", retry_after="60"), tasks()) is None
