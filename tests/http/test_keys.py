"""Keys that were made: what each may, of which tasks, until when; what each route asks for; who guesses has to wait."""
from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from application.ports.storage import StorageUnavailable
from application.use_cases.create_key import KeyWish
from domain.api_key import Right, digest_of
from entrypoints.admin.app import create_pages
from entrypoints.admin.links import Links
from entrypoints.admin.site import Site
from entrypoints.http.access import OPEN_PATHS
from entrypoints.http.app import KEYS_READ_EVERY_S, create_app
from entrypoints.http.rights import needs_of
from entrypoints.settings import Settings
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import make_container
from tests.builders import ROW, make_task
from tests.fakes.keyring import InMemoryKeyring
from tests.http.problems import check_problem
from tests.waiting import until

# Of the framework: they tell how the API is asked, to whoever has any key.
DOCUMENTATION = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}
RIGHTS_BY_ROUTE = {
    ("POST", "/forward"): Right.PREDICT, ("POST", "/evaluate"): Right.PREDICT,
    ("POST", "/v2/models/flights/infer"): Right.PREDICT, ("GET", "/tasks"): Right.READ,
    ("GET", "/predictions?task=flights"): Right.READ, ("GET", "/history"): Right.READ,
    ("PUT", "/add_data"): Right.DATA, ("PUT", "/labels"): Right.DATA, ("POST", "/tasks"): Right.DATA,
    ("PATCH", "/tasks/flights"): Right.DATA, ("DELETE", "/datasets/flights/versions/newest"): Right.DATA,
    ("PUT", "/retrain"): Right.TRAIN, ("POST", "/experiments"): Right.TRAIN, ("DELETE", "/experiments/1"): Right.TRAIN,
    ("POST", "/deploy/1"): Right.DEPLOY, ("POST", "/rollback"): Right.DEPLOY,
    ("POST", "/v2/repository/models/flights/load"): Right.DEPLOY, ("DELETE", "/tasks/flights"): Right.ADMIN,
    ("GET", "/keys"): Right.ADMIN, ("POST", "/keys"): Right.ADMIN, ("DELETE", "/keys/1"): Right.ADMIN}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def check_forbidden(answer) -> str:
    """Why it is."""
    body = answer.json()
    assert (answer.status_code, body["title"]) == (403, "forbidden"), answer.text
    return body["detail"]


@pytest.fixture
def make_key(service):
    """Gives the key of these rights, in force at once."""
    def make(*rights: Right, tasks: tuple[str, ...] = (), days: float | None = None, name: str = "") -> str:
        wish = KeyWish(name or f"{'-'.join(rights)} {len(tasks)}", list(rights), tasks, days)
        created = get.create_key(service.container).execute(wish)
        get.known_keys(service.container).refresh()
        return created.secret
    return make


def test_every_route_says_which_rights_it_asks_for(service):
    routes = [context.original_route for context in iter_route_contexts(service.client.app.routes)]
    assert all(isinstance(route, Route) for route in routes), "a mounted application would be asked for no rights"
    assert {route.path for route in routes if not isinstance(route, APIRoute)} == DOCUMENTATION
    declared = {route.path: needs_of(route.endpoint) for route in routes if isinstance(route, APIRoute)}
    assert [path for path, needed in declared.items() if needed is None] == []
    assert {path for path, needed in declared.items() if not needed.rights} == OPEN_PATHS


def test_a_route_that_declares_nothing_answers_nobody(service, make_key):
    async def forgotten() -> dict[str, str]:
        return {"all": "secrets"}

    service.client.app.add_api_route("/forgotten", forgotten)
    key = make_key(Right.ADMIN)
    check_forbidden(service.client.get("/forgotten", headers=bearer(key)))


@pytest.mark.parametrize(("method", "path"), RIGHTS_BY_ROUTE)
def test_a_key_without_the_right_is_told_which_one(service, make_key, method, path):
    right = RIGHTS_BY_ROUTE[method, path]
    others = make_key(*(set(Right) - {right, Right.ADMIN}))
    refused = service.client.request(method, path, headers=bearer(others))
    said = refused.json().get("error") if path.startswith("/v2") else check_forbidden(refused)
    assert refused.status_code == 403 and f"has not the right {right};" in said
    for key in (make_key(right, name="it"), make_key(Right.ADMIN, name="all")):
        answer = service.client.request(method, path, headers=bearer(key))
        assert answer.status_code not in (401, 429) and "has not the right" not in answer.text


def test_a_model_with_the_table_of_a_new_task_asks_for_the_right_to_make_it(service, make_key):
    files = {"model": b"no model", "data": b"a,b\n1,x\n"}
    refused = service.client.post("/experiments?task=fresh", files=files, headers=bearer(make_key(Right.TRAIN)))
    assert "has not the right data" in check_forbidden(refused)
    both = bearer(make_key(Right.TRAIN, Right.DATA))
    assert service.client.post("/experiments?task=fresh", files=files, headers=both).status_code == 400


def test_either_right_is_enough_where_two_are_named(service, make_key):
    for right in (Right.READ, Right.PREDICT):
        key = bearer(make_key(right))
        assert service.client.get("/v2/models/flights", headers=key).status_code == 200
    refused = service.client.get("/v2/models/flights", headers=bearer(make_key(Right.TRAIN)))
    assert "predict or read" in refused.json()["error"]


def test_no_key_is_asked_for_until_one_is_made_and_for_ever_after(service, make_key):
    made = service.client.post("/keys", json={"name": "анна", "rights": ["admin"]})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    key, number = made.json()["key"], made.json()["made"]["id"]
    check_problem(service.client.get("/tasks"), 401)
    listed = service.client.get("/keys", headers=bearer(key))
    assert listed.json()["keys"] == [made.json()["made"]] and key not in listed.text and "digest" not in listed.text
    revoked = service.client.delete(f"/keys/{number}", headers=bearer(key))
    assert revoked.status_code == 200 and revoked.json()["revoked_at"]
    for headers in (bearer(key), {}):
        for method, path in (("GET", "/tasks"), ("POST", "/forward")):
            check_problem(service.client.request(method, path, headers=headers, json=ROW), 401)


def test_who_made_a_key_and_who_deployed_with_it_is_told(service, make_key):
    admin = make_key(Right.ADMIN, name="root")
    made = service.client.post("/keys", json={"name": "ci", "rights": ["deploy"], "days": 7, "tasks": ["flights"]},
                               headers=bearer(admin)).json()
    assert (made["made"]["created_by"], made["made"]["tasks"]) == ("root", ["flights"])
    number = service.served["flights"].id
    assert service.client.post(f"/deploy/{number}", headers=bearer(made["key"])).json()["deployed_by"] == "ci"


@pytest.mark.parametrize(("body", "places"), [
    ({}, ["name", "rights"]), ({"name": 1, "rights": "read", "days": "7", "tasks": [1], "x": 1},
                               ["name", "rights", "days", "tasks", "x"]),
    ({"name": "a", "rights": ["all"], "days": -1, "tasks": ["nope"]}, ["rights", "days", "tasks"]),
    ({"name": "a", "rights": ["read"], "days": True}, ["days"])])
def test_a_key_that_cannot_be_made(service, body, places):
    told = check_problem(service.client.post("/keys", json=body), 400)
    assert [fault["where"] for fault in told["errors"]] == places
    check_problem(service.client.post("/keys", content=b"[]"), 400)
    assert ports.keyring(service.container).changes() == 0


def test_a_key_that_has_expired_says_so(service, make_key, clock):
    key = bearer(make_key(Right.PREDICT, days=1, name="short"))
    assert service.client.post("/forward", json=ROW, headers=key).status_code == 200
    clock.advance(timedelta(days=1))
    assert "short has expired" in check_problem(service.client.post("/forward", json=ROW, headers=key), 401)["detail"]


def test_a_key_of_one_task_sees_and_does_nothing_of_others(service, make_key):
    other = service.serve(make_task(name="other"))
    key = bearer(make_key(*(set(Right) - {Right.ADMIN}), tasks=("flights",)))
    own, client = service.served["flights"].id, service.client
    for method, path in (
            ("GET", "/tasks/flights"), ("GET", f"/metrics/{own}"), ("POST", f"/deploy/{own}"),
            ("POST", "/forward?task=flights"), ("GET", "/experiments?task=flights"), ("GET", "/v2/models/flights"),
            ("GET", "/predictions?task=flights"), ("GET", "/history?task=flights"), ("GET", "/trainers")):
        assert client.request(method, path, headers=key, json=ROW).status_code == 200, path
    for method, path in (
            ("GET", "/tasks/other"), ("GET", f"/metrics/{other.id}"), ("POST", f"/deploy/{other.id}"),
            ("GET", f"/experiments/{other.id}/artifacts"), ("DELETE", f"/experiments/{other.id}"),
            ("POST", "/forward?task=other"), ("POST", "/forward"), ("POST", "/forward_batch?task=other"),
            ("GET", "/experiments"), ("GET", "/deployments"), ("GET", "/history?task=other"), ("PUT", "/retrain"),
            ("PUT", "/add_data"), ("POST", "/tasks"), ("GET", "/datasets/other/sample"), ("GET", "/traffic?task="),
            ("POST", "/rollback?task=other"), ("POST", f"/deploy/{other.id}.0")):
        refused = check_forbidden(client.request(method, path, headers=key, json=ROW))
        assert "is of flights alone" in refused, path
    assert client.get("/v2/models/other", headers=key).status_code == 403
    assert [task["name"] for task in client.get("/tasks", headers=key).json()["tasks"]] == ["flights"]
    assert [model["name"] for model in client.post("/v2/repository/index", headers=key).json()] == ["flights"]
    assert [model["name"] for model in client.get("/v2/models/stats", headers=key).json()["model_stats"]] == ["flights"]
    check_problem(client.get("/metrics/999", headers=key), 404)


def guess(client: TestClient, times: int) -> list[int]:
    return [client.get("/tasks", headers=bearer(f"guess {number}")).status_code for number in range(times)]


def test_who_guesses_has_to_wait(service, settings, make_key, caplog):
    strong = make_key(Right.READ, Right.PREDICT)
    service.container.settings.override(replace(settings, api_keys="weak:read"))
    client = TestClient(create_app(service.container))
    with caplog.at_level(logging.WARNING, "progon.access"):
        assert guess(client, 12) == [401] * 10 + [429] * 2
    assert [record.getMessage() for record in caplog.records] == ["too many wrong keys from testclient"]
    answer = client.get("/tasks", headers=bearer("another"))
    assert check_problem(answer, 429)["title"] == "too many requests" and 0 < int(answer.headers["retry-after"]) <= 60
    assert client.post("/v2/models/flights/infer", headers=bearer("another")).status_code == 429
    for path, body in (("/tasks", None), ("/forward", ROW)):
        method = "POST" if body else "GET"
        # One that can be guessed opens nothing now, or the guesses would go on; the others are not shut out.
        assert client.request(method, path, json=body, headers=bearer("weak")).status_code == 429
        assert client.request(method, path, json=body, headers=bearer(strong)).status_code == 200
    neighbour = TestClient(client.app, client=("10.0.0.7", 1))
    assert neighbour.get("/tasks", headers=bearer("weak")).status_code == 200


def test_wrong_keys_for_one_row_are_counted_once(service, make_key):
    make_key(Right.READ)
    statuses = [service.client.post("/forward", json=ROW, headers=bearer(f"guess {number}")).status_code
                for number in range(11)]
    assert statuses == [401] * 10 + [429]


def test_no_key_is_no_guess(service, make_key):
    make_key(Right.READ)
    assert {service.client.get("/tasks").status_code for _ in range(30)} == {401}


def test_the_log_tells_whose_key_it_was_and_from_where(service, make_key, caplog):
    key = make_key(Right.PREDICT, Right.READ, name="анна")
    with caplog.at_level(logging.INFO, "progon.access"):
        for method, path in (("GET", "/v2/models/flights"), ("POST", "/forward")):
            caplog.clear()
            assert service.client.request(method, path, json=ROW, headers=bearer(key)).status_code == 200
            line, = caplog.records
            assert (line.key, line.address) == ("анна", "testclient") and key not in str(vars(line))


class Away(InMemoryKeyring):
    """In a database that does not answer."""

    def changes(self) -> int:
        raise StorageUnavailable("the database does not answer")

    all = changes


def test_while_it_is_not_known_which_keys_there_are_nobody_comes_in(service, settings):
    away = Away()
    service.container.keyring.override(away)
    service.container.settings.override(replace(settings, api_keys="weak:read"))
    known = get.known_keys(service.container)
    known._keyring, known._read = away, type(known._read)()
    client = TestClient(create_app(service.container))
    assert client.get("/tasks", headers=bearer("weak")).status_code == 200
    check_problem(client.get("/tasks", headers=bearer("other")), 503)
    service.container.settings.override(settings)
    client = TestClient(create_app(service.container))
    check_problem(client.get("/tasks"), 503)
    check_problem(client.post("/forward", json=ROW), 503)
    assert client.get("/healthz").status_code == 200


def test_no_row_asks_the_database_for_keys(service, make_key):
    key = bearer(make_key(Right.PREDICT, tasks=("flights",)))
    known = get.known_keys(service.container)
    client = TestClient(create_app(service.container))
    before, known._keyring = known._keyring, Away()
    try:
        for _ in range(3):
            assert client.post("/forward?task=flights", json=ROW, headers=key).status_code == 200
    finally:
        known._keyring = before


def test_what_one_process_revokes_another_refuses(database_url, tmp_path):
    """Two workers of one database, each with what it remembers."""
    containers = [make_container(Settings(home=tmp_path, database_url=database_url)) for _ in range(2)]
    here, there = (TestClient(create_app(container)) for container in containers)
    with here, there:
        made = here.post("/keys", json={"name": "root", "rights": ["admin"]}).json()
        admin = bearer(made["key"])
        assert here.get("/tasks").status_code == 401, "at once where it was made"
        until(lambda: there.get("/tasks").status_code == 401, patience_s=10)
        read = here.post("/keys", json={"name": "ci", "rights": ["read"]}, headers=admin).json()
        until(lambda: there.get("/tasks", headers=bearer(read["key"])).status_code == 200, patience_s=10)
        assert here.delete(f"/keys/{read['made']['id']}", headers=admin).status_code == 200
        assert here.get("/tasks", headers=bearer(read["key"])).status_code == 401
        # Who looks again and again with a key that is none is told to wait.
        refused = until(lambda: status if (status := there.get(
            "/tasks", headers=bearer(read["key"])).status_code) != 200 else 0, patience_s=10)
        assert refused in (401, 429)
    for container in containers:
        ports.storage(container).close()


def test_it_is_looked_for_often_enough():
    assert KEYS_READ_EVERY_S <= 1, "two seconds are promised, and reading takes its time"


def test_a_stolen_database_has_no_key_in_it(make_database_url, tmp_path):
    url = make_database_url("sqlite")
    container = make_container(Settings(home=tmp_path, database_url=url))
    client = TestClient(create_app(container))
    with client:
        key = client.post("/keys", json={"name": "root", "rights": ["admin"]}).json()["key"]
    stored, = ports.keyring(container).all()
    stolen = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert stored.digest.encode() in stolen
    for part in (key, key.removeprefix("progon_"), key[-16:]):
        assert part.encode() not in stolen
    for found in (stored.digest, digest_of(stored.digest), stored.name, bytes.fromhex(stored.digest).decode("latin-1")):
        assert client.get("/tasks", headers=[(b"x-api-key", found.encode("latin-1", "ignore"))]).status_code in (
            401, 429)
    assert client.get("/tasks", headers=bearer(key)).status_code == 200
    ports.storage(container).close()


@pytest.fixture
def site(service, tmp_path):
    return TestClient(Site(service.client.app, tmp_path / "pages", Links(), 1 << 20), follow_redirects=False)


def page_routes(tmp_path) -> list[Route]:
    pages = create_pages(None, tmp_path / "pages")
    assert [route.path for route in pages.routes if isinstance(route, Mount)] == ["/ui/static"]
    return [route for route in pages.routes if isinstance(route, Route)]


def test_no_page_shows_anything_without_a_key(service, site, make_key, tmp_path):
    """Pages ask the API with the visitor's own key, so what it refuses they cannot show."""
    make_key(Right.READ)
    for route in page_routes(tmp_path):
        path = route.path.replace("{experiment_id:int}", "1").replace("{name}", "flights")
        path = path.replace("{", "").replace("}", "")
        for method in route.methods - {"HEAD"}:
            answer = site.request(method, path, headers={"Accept-Language": "en"})
            shown = answer.status_code == 200
            assert not shown or path == "/ui/sign-in", (method, path)
            assert "flights" not in answer.text.replace(path, ""), (method, path)


def test_guesses_in_the_form_are_counted_for_their_visitor(service, site, make_key):
    make_key(Right.READ)
    for number in range(12):
        token = site.get("/ui/sign-in").text.partition('name="csrf" value="')[2].partition('"')[0]
        site.post("/ui/sign-in", data={"csrf": token, "key": f"guess-{number}"})
    assert service.client.get("/tasks", headers=bearer("another")).status_code == 429
    other = TestClient(service.client.app, client=("10.0.0.7", 1))
    assert other.get("/tasks", headers=bearer("another")).status_code == 401


def test_the_document_tells_the_rights(service):
    document = service.client.get("/openapi.json").json()
    deploy = document["paths"]["/deploy/{experiment_id}"]["post"]
    assert deploy["security"] == [{}, {"bearer": ["deploy"]}, {"header": ["deploy"]}]
    assert {"401", "403", "429"} <= set(deploy["responses"])
    assert "security" not in document["paths"]["/healthz"]["get"]
    assert json.dumps(document["components"]["securitySchemes"])
