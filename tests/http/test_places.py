"""What a client meets between itself and the routes: HEAD, unknown parameters, other origins, a prefix, a full disk."""
from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from starlette.testclient import TestClient

from domain.experiment import Status
from entrypoints.admin.app import create_pages
from entrypoints.admin.links import Links
from entrypoints.admin.routes import session
from entrypoints.admin.site import Site
from entrypoints.http.app import create_app
from entrypoints.http.prefix import Prefix
from entrypoints.settings import Settings
from tests.builders import make_table, make_task, succeeded

READS = ("/healthz", "/readyz", "/metrics", "/tasks", "/tasks/flights", "/experiments", "/experiments/1",
         "/metrics/1", "/deployments", "/metadata", "/observations", "/traffic", "/predictions?task=flights",
         "/openapi.json", "/docs", "/experiments/1/artifacts", "/datasets/flights", "/datasets/flights/sample")


@pytest.fixture
def site(service, tmp_path) -> TestClient:
    """API and pages behind what the settings say is in front of them."""
    with TestClient(Prefix(Site(service.client.app, tmp_path / "pages", Links(), 1 << 20), "/ml/progon"),
                    follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("path", READS)
def test_head_is_get_without_its_body(service, path):
    service.store.append(make_task(), [make_table(make_task(), 20)])
    got, head = service.client.get(path), service.client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"") == (200, b"")
    assert set(head.headers) == set(got.headers)
    if path != "/metrics":  # which counts the request before it
        assert head.headers.get("content-length") == got.headers.get("content-length")


def test_head_of_a_stream_has_an_end(service):
    running = service.experiments.add(replace(succeeded(make_task()), status=Status.RUNNING, finished_at=None))
    head = service.client.head(f"/experiments/{running.id}/events")
    assert (head.status_code, head.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")


@pytest.mark.parametrize(("path", "status"), [
    ("/tasks/nobody", 404), ("/nowhere", 404), ("/forward", 405), ("/experiments?limit=x", 400)])
def test_head_of_what_is_not_there(service, path, status):
    head = service.client.head(path)
    assert (head.status_code, head.content) == (status, b"")


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/healthz"), ("GET", "/tasks"), ("GET", "/experiments"), ("GET", "/metadata"), ("GET", "/predictions"),
    ("POST", "/forward"), ("POST", "/forward_batch"), ("POST", "/evaluate"), ("PUT", "/add_data"), ("PUT", "/retrain"),
    ("POST", "/deploy/1"), ("POST", "/rollback"), ("POST", "/datasets/flights/check"),
    ("GET", "/experiments/1/events")])
def test_an_unknown_parameter_is_named(service, method, path):
    answer = service.client.request(method, path, params={"taks": "flights", "task": "flights"})
    assert answer.status_code == 400
    assert {fault["where"] for fault in answer.json()["errors"]} >= {"taks"}
    assert service.experiments.list() and len(service.experiments.list()) == 1


def test_a_parameter_that_is_there_twice_is_named(service):
    answer = service.client.post("/forward?task=flights&task=other", json={})
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (400, "task")
    assert "more than once" in answer.json()["detail"]


def test_an_experiment_has_two_addresses(service):
    assert service.client.get("/experiments/1").json() == service.client.get("/metrics/1").json()
    assert service.client.get("/experiments/99").status_code == 404


@pytest.fixture
def origins(settings) -> Settings:
    return replace(settings, cors_origins="https://a.example, http://localhost:3000", api_keys="secret")


def with_settings(service, settings: Settings) -> TestClient:
    service.container.settings.override(settings)
    return TestClient(create_app(service.container))


def test_pages_of_other_origins_ask_with_leave(service, origins):
    client = with_settings(service, origins)
    asked = client.options("/forward", headers={
        "Origin": "https://a.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, x-request-id"})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, "https://a.example")
    assert "authorization" in asked.headers["access-control-allow-headers"] and "x-request-id" in asked.headers
    refused = client.get("/tasks", headers={"Origin": "http://localhost:3000"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "http://localhost:3000")
    assert "X-Request-ID" in refused.headers["access-control-expose-headers"]
    other = client.get("/tasks", headers={"Origin": "https://b.example", "Authorization": "Bearer secret"})
    assert (other.status_code, "access-control-allow-origin" in other.headers) == (200, False)


def test_by_default_no_other_origin_may_ask(service):
    answer = service.client.get("/tasks", headers={"Origin": "https://a.example"})
    assert [name for name in answer.headers if name.startswith("access-control")] == []


@pytest.mark.parametrize("taken_off", [True, False])
def test_all_addresses_stand_under_the_prefix(site, taken_off):
    begin = "" if taken_off else "/ml/progon"
    assert site.get(f"{begin}/").headers["location"] == "/ml/progon/ui/"
    assert site.get(f"{begin}/tasks/").headers["location"].endswith("/ml/progon/tasks")
    assert site.get(f"{begin}/openapi.json").json()["servers"] == [{"url": "/ml/progon"}]
    assert "'/ml/progon/openapi.json'" in site.get(f"{begin}/docs").text
    assert site.get(f"{begin}/ui/static/progon.css").status_code == 200
    assert site.get(f"{begin}/healthz").status_code == 200
    for path in ("/ui/", "/ui/experiments", "/ui/try/flights", "/ui/data/flights", "/ui/nothing"):
        page = site.get(begin + path)
        assert '="/ml/progon/ui/' in page.text and '="/ui' not in page.text
        assert "path=/ml/progon/ui" in page.headers.get("set-cookie", "path=/ml/progon/ui").lower()


def test_a_form_works_under_the_prefix(site):
    page = site.get("/ml/progon/ui/sign-in")
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert token and site.cookies.get("progon_csrf")
    assert site.post("/ml/progon/ui/sign-out", data={"csrf": token[1]}).headers["location"] == "/ml/progon/ui/sign-in"
    assert site.post("/ml/progon/ui/sign-out", data={"csrf": "0" * 64}).status_code == 403


def test_what_a_proxy_says_of_its_prefix_goes_first(site):
    assert site.get("/", headers={"X-Forwarded-Prefix": "/a, /b/"}).headers["location"] == "/a/b/ui/"
    for wrong in ("//evil.example", "https://evil.example", "/a b", "/.."):
        assert site.get("/", headers={"X-Forwarded-Prefix": wrong}).headers["location"] == "/ml/progon/ui/"


def test_keys_are_asked_for_under_the_prefix_too(service, settings):
    service.container.settings.override(replace(settings, api_keys="secret"))
    client = TestClient(Prefix(create_app(service.container), "/ml"))
    assert client.get("/ml/tasks").status_code == client.get("/tasks").status_code == 401
    assert client.get("/ml/healthz").status_code == 200


class Full:
    """Whatever is called here fails as the system does on a disk without room, or otherwise."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __getattr__(self, name: str) -> Callable[..., None]:
        def fail(*_: object, **__: object) -> None:
            raise OSError(self._number, os.strerror(self._number))
        return fail


def test_a_full_disk_is_told_and_heals(service, monkeypatch):
    write = os.write
    with service.container.feature_store.override(Full(errno.ENOSPC)):
        answer = service.client.get("/datasets/flights")
        assert (answer.status_code, answer.json()["title"]) == (507, "no room")
        monkeypatch.setattr(os, "write", Full(errno.ENOSPC).anything)
        answer = service.client.get("/datasets/flights")
        assert "PROGON_HOME" in answer.json()["detail"] and "X-Request-ID" in answer.headers
        ready = service.client.get("/readyz")
        assert ready.status_code == 503 and "PROGON_HOME" in ready.json()["reasons"][0]
        monkeypatch.setattr(os, "write", write)
    assert service.client.get("/datasets/flights").status_code == 200
    assert service.client.get("/readyz").status_code == 200


def test_another_failure_of_the_system_is_no_full_disk(service):
    with service.container.feature_store.override(Full(errno.EIO)):
        assert service.client.get("/datasets/flights").status_code == 500


def test_the_pages_say_that_their_disk_is_full(monkeypatch, tmp_path):
    api = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200)), base_url="http://api")
    monkeypatch.setattr(session, "form", Full(errno.ENOSPC).anything)
    with TestClient(create_pages(api, tmp_path)) as client:
        page = client.get("/ui/sign-in")
    assert page.status_code == 507 and "No room on the disk" in page.text
