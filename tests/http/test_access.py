"""API keys: who may ask, who may change something, and who did."""
from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from entrypoints.http.app import create_app
from entrypoints.http.callers import ApiKeys
from entrypoints.settings import WrongSetting
from tests.builders import ROW
from tests.http.problems import check_problem

READS, WRITES, ANNA = "reading-key", "writing-key", "key-of-anna=="


@pytest.fixture
def client(service, settings):
    keys = f"{READS}:read, {WRITES},{ANNA}:write:anna"
    service.container.settings.override(replace(settings, api_keys=keys))
    with TestClient(create_app(service.container), raise_server_exceptions=False) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_without_a_key_nothing_but_health_and_metrics(client):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert client.get(path).status_code == 200
    for method, path in (("GET", "/tasks"), ("POST", "/forward"), ("GET", "/docs"),
                         ("GET", "/predictions?task=flights")):
        answer = client.request(method, path)
        assert check_problem(answer, 401)["title"] == "unauthorized"
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("headers", [bearer("wrong"), bearer(""), {"X-API-Key": "wrong"}, bearer(READS[:-1]),
                                     {"Authorization": f"Basic {READS}"}])
def test_a_wrong_key(client, headers):
    check_problem(client.get("/tasks", headers=headers), 401)


@pytest.mark.parametrize("headers", [bearer(READS), {"X-API-Key": READS}, {"Authorization": f"bearer  {READS}"}])
def test_a_key_that_may_ask(client, headers):
    assert client.get("/tasks", headers=headers).status_code == 200
    assert client.post("/forward", json=ROW, headers=headers).status_code == 200
    for method, path in (("PUT", "/add_data"), ("PUT", "/retrain"), ("POST", "/deploy/1"), ("POST", "/rollback"),
                         ("POST", "/tasks"), ("POST", "/experiments/1/cancel")):
        answer = client.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["title"]) == (403, "forbidden")


def test_who_deployed_is_told(client, service):
    number = service.served["flights"].id
    assert client.post(f"/deploy/{number}", headers=bearer(ANNA)).json()["deployed_by"] == "anna"
    unnamed = client.post(f"/deploy/{number}", headers=bearer(WRITES)).json()["deployed_by"]
    assert unnamed.startswith("key ") and WRITES not in unnamed
    history = client.get("/deployments", headers=bearer(READS)).json()["deployments"]
    assert [entry["deployed_by"] for entry in history] == [unnamed, "anna", None]


@pytest.mark.parametrize("text", ["key:admin", ":read", "good,:", "key:READ", "key:read,key"])
def test_a_setting_that_cannot_be_read(text):
    with pytest.raises(WrongSetting, match="PROGON_API_KEYS"):
        ApiKeys.parse(text)
