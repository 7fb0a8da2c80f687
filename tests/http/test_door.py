"""Under which names the service is asked, and pages of which origins may change something."""
from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from entrypoints.http.door import Door, name_of
from entrypoints.http.refusals import forbidden
from entrypoints.settings import Settings
from tests.builders import ROW

HERE = "http://127.0.0.1:8000"


def check_forbidden(answer) -> None:
    assert answer.status_code == 403 and answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] and answer.json()["title"] == "forbidden"


@pytest.fixture
def client(service):
    settings = Settings(allowed_hosts="ml.example.org, .inner.example", cors_origins="https://app.example.org")
    return TestClient(Door(service.client.app, settings.hosts, settings.origins, forbidden), base_url=HERE)


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "LOCALHOST", "a.localhost", "127.0.0.1:8000", "[::1]",
                                  "[::1]:8000", "ml.example.org", "ML.example.org:443", "ml.example.org.",
                                  "a.inner.example", "a.b.inner.example:1"])
def test_names_that_are_served(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example",
                                  "localhost.evil.example", "inner.example.evil", "xinner.example", "[::2]",
                                  "10.0.0.7", "a@127.0.0.1"])
def test_names_that_are_not(client, host):
    answer = client.get("/healthz", headers={"Host": host})
    check_forbidden(answer)
    assert "PROGON_ALLOWED_HOSTS" in answer.text


def post(client, path="/rollback?task=flights", **headers):
    names = {"origin": "Origin", "site": "Sec-Fetch-Site", "forwarded": "X-Forwarded-Host", "host": "Host"}
    return client.post(path, headers={names[name]: value for name, value in headers.items()})


@pytest.mark.parametrize("headers", [
    {}, {"site": "same-origin"}, {"site": "none"}, {"origin": HERE}, {"origin": HERE, "site": "same-origin"},
    {"origin": "https://app.example.org", "site": "cross-site"}, {"origin": "https://app.example.org"},
    {"origin": "https://ml.example.org", "forwarded": "ml.example.org"},
    {"origin": "https://ml.example.org", "host": "ml.example.org"}])
def test_who_may_change_something(client, headers):
    # There is nothing to roll back to, but that was found out.
    assert post(client, **headers).status_code == 409


@pytest.mark.parametrize("headers", [
    {"origin": "https://evil.example"}, {"origin": "null"}, {"site": "cross-site"}, {"site": "same-site"},
    {"origin": HERE, "site": "cross-site"}, {"origin": "http://127.0.0.1:9000"}, {"origin": "http://localhost:8000"},
    {"origin": ""}, {"origin": "https://evil.example", "forwarded": "ml.example.org"}])
def test_who_may_not(client, headers):
    check_forbidden(post(client, **headers))
    assert client.get("/tasks", headers={"Origin": headers.get("origin", "https://evil.example")}).status_code == 200


def test_the_way_of_a_row_and_the_protocol_are_behind_it_too(client):
    evil = {"Origin": "https://evil.example"}
    assert client.post("/forward", json=ROW).status_code == 200
    check_forbidden(client.post("/forward", json=ROW, headers=evil))
    assert list(client.post("/v2/models/flights/infer", json={}, headers=evil).json()) == ["error"]


def test_any_origin_and_any_host(service):
    client = TestClient(Door(service.client.app, ["*"], ["*"]), base_url="http://anything.example")
    headers = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
    assert client.post("/forward", json=ROW, headers=headers).status_code == 200


@pytest.mark.parametrize(("settings", "hosts", "is_open"), [
    ({}, True, False), ({"host": "::1"}, True, False), ({"host": "[::1]"}, True, False),
    ({"host": "127.9.9.9"}, True, False),
    ({"host": "0.0.0.0"}, False, True), ({"host": "0.0.0.0", "api_keys": "k" * 32}, False, False),
    ({"host": "ml.example.org"}, False, True)])
def test_what_is_usual(settings, hosts, is_open):
    usual = Settings(**settings)
    assert ("localhost" in usual.hosts, "*" in usual.hosts, usual.is_open) == (hosts, not hosts, is_open)


def test_the_address_that_is_listened_on_is_served(service):
    client = TestClient(Door(service.client.app, Settings(host="127.0.0.2").hosts), base_url="http://127.0.0.2:8000")
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(("host", "name"), [
    ("[::1]:80", "::1"), ("A.b:1", "a.b"), ("a.b.", "a.b"), ("", ""), ("[", "")])
def test_the_name_in_a_host(host, name):
    assert name_of(host) == name
