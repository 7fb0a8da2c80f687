"""A refusal is an exception of its kind, with the faults."""
from __future__ import annotations

import httpx
import progon_client
import pytest
from progon_client import Client, Fault, Refused, Retries, UnexpectedAnswer

from entrypoints.answers.problems import TABLE
from tests.client.scripted import Script, answer, problem


def ask(step: httpx.Response) -> None:
    with Client(retries=Retries(attempts=1), transport=httpx.MockTransport(Script([step]))) as client:
        client.metrics(1)


@pytest.mark.parametrize(("status", "title", "kind"), [
    (400, "bad request", "BadRequest"), (401, "unauthorized", "Unauthorized"), (403, "forbidden", "Forbidden"),
    (403, "модель не смогла обработать данные", "ModelFailed"), (404, "not found", "NotFound"),
    (409, "conflict", "Conflict"), (413, "too large", "TooLarge"), (431, "too large", "TooLarge"),
    (429, "too many requests", "TooManyRequests"), (503, "busy", "Busy"), (507, "no room", "NoRoom"),
    (500, "internal error", "ServerFailed"), (405, "method not allowed", "Refused")])
def test_by_status_and_title(status, title, kind):
    with pytest.raises(Refused) as told:
        ask(problem(status, title, "why", retry_after="3"))
    failure = told.value
    assert type(failure) is getattr(progon_client, kind)
    assert (failure.status, failure.title, failure.detail, failure.retry_after_s) == (status, title, "why", 3)
    assert str(failure) == f"{title} ({status}): why"


def test_every_failure_of_the_service_has_a_class_of_its_own():
    for status, title in TABLE.values():
        with pytest.raises(Refused) as told:
            ask(problem(status, title))
        assert type(told.value) is not Refused


def test_the_faults():
    with pytest.raises(Refused) as told:
        ask(problem(400, "bad request", "two", errors=[{"where": "row 3, column a", "problem": "is missing"},
                                                       {"where": "row 4", "problem": "is too long"}]))
    assert told.value.faults == (Fault("row 3, column a", "is missing"), Fault("row 4", "is too long"))


@pytest.mark.parametrize("content", [b"<html>Bad Gateway</html>", b"", b"[1]", b'{"errors": "many"}', b"\xff"])
def test_a_failure_of_something_between(content):
    with pytest.raises(progon_client.ServerFailed) as told:
        ask(httpx.Response(502, content=content))
    assert told.value.status == 502 and told.value.faults == ()


@pytest.mark.parametrize("step", [
    answer({}), answer([]), httpx.Response(200, content=b"<html>"), httpx.Response(302, headers={"Location": "/x"})])
def test_what_is_no_answer_of_this_service(step):
    with pytest.raises(UnexpectedAnswer):
        ask(step)
