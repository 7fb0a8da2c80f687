"""GET /healthz and GET /readyz."""
from __future__ import annotations

from tests.builders import make_task


def test_alive_whatever_happens(empty):
    empty.storage.answers = False
    assert empty.client.get("/healthz").json() == {"status": "ok"}


def test_ready_once_a_model_is_deployed(empty):
    answer = empty.client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["no model is deployed"])
    empty.serve(make_task())
    answer = empty.client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (200, [])


def test_not_ready_while_the_database_is_away(service):
    service.storage.answers = False
    answer = service.client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["the database does not answer"])
    service.storage.answers = True
    assert service.client.get("/readyz").status_code == 200
