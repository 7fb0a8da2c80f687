"""X-Request-ID on every answer."""
from __future__ import annotations

from uuid import UUID

import pytest

PATHS = ["/healthz", "/readyz", "/nowhere", "/metrics/1", "/metadata", "/openapi.json", "/docs"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_one(service, path):
    assert UUID(service.client.get(path).headers["x-request-id"]).version == 7


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("given", ["a", "x" * 128, "0190-abc_DEF.~!", "!"])
def test_the_callers_own_is_kept(service, path, given):
    answer = service.client.get(path, headers={"X-Request-ID": given})
    assert answer.headers.get_list("x-request-id") == [given]


@pytest.mark.parametrize("given", [b"", b" ", b"x" * 129, b"a b", b"\xff", b"a\tb", "ж".encode(), b"\x7f"])
def test_one_that_a_log_cannot_hold_is_replaced(service, given):
    answer = service.client.get("/healthz", headers={b"X-Request-ID": given})
    assert answer.status_code == 200
    assert UUID(answer.headers["x-request-id"]).version == 7


def test_each_answer_has_another(service):
    ids = [service.client.get("/healthz").headers["x-request-id"] for _ in range(20)]
    assert len(set(ids)) == 20


def test_a_wrong_method_has_one_too(service):
    answer = service.client.delete("/forward")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] and answer.headers["allow"]
