"""The pages of keys and of what was done, over an API that is made up and over the service itself."""
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from starlette.testclient import TestClient

from application.use_cases.create_key import KeyWish
from domain.api_key import Right
from entrypoints.admin.app import create_pages
from entrypoints.admin.in_process import InProcessTransport
from entrypoints.wiring import get, ports
from tests.http.pages.looking import client_of, token
from tests.http.pages.made_up_api import FakeApi, much, problem

SECRET = re.compile(r"progon_[\w-]{43}")


@pytest.fixture
def api() -> FakeApi:
    return much()


@pytest.fixture
def client(api) -> Iterator[TestClient]:
    with client_of(api) as client:
        yield client


def asked_with(api, method: str, path: str) -> list[httpx.Request]:
    return [request for done, asked, request in api.asked if (done, asked) == (method, path)]


@pytest.mark.parametrize("rights", [["predict", "read", "data", "train", "deploy"], ["read"]])
def test_who_may_not_is_shown_no_way_there_and_refused(api, client, rights):
    api.answers |= {"/caller": httpx.Response(200, json={"name": "ci", "rights": rights, "tasks": []}),
                    "/keys": problem(403, "forbidden"), "/audit": problem(403, "forbidden")}
    assert "/ui/keys" not in client.get("/ui/experiments").text and "ci" in client.get("/ui/experiments").text
    for path in ("/ui/keys", "/ui/audit", "/ui/keys/1/revoke", "/ui/audit/entries.ndjson"):
        answer = client.get(path)
        assert answer.status_code == 403 and "The service refused" in answer.text
    for path in ("/ui/keys", "/ui/keys/1/revoke"):
        api.answers["/keys/1"] = problem(403, "forbidden")
        assert client.post(path, data={"csrf": token(client), "name": "x"}).status_code == 403


def test_who_may_finds_the_way_and_his_name(client):
    page = client.get("/ui/experiments").text
    assert 'href="/ui/keys"' in page and 'href="/ui/audit"' in page and "root" in page


def test_an_api_that_does_not_tell_who_asks_shows_the_pages_all_the_same(api, client):
    api.answers["/caller"] = problem(404, "not found")
    assert client.get("/ui/experiments").status_code == 200


def test_keys_in_force_stand_apart_from_those_that_are_not(client):
    page = client.get("/ui/keys").text
    in_force, gone = page.split("2 revoked or expired")
    assert "2 keys in force" in in_force and "in force until 2999-01-01 00:00" in in_force and "key 2" in in_force
    assert "expired 2026-11-23 02:23" in gone and "revoked 2026-11-23 02:23" in gone
    assert re.findall(r"/ui/keys/(\d)/revoke", page) == ["2", "1"], "the newest first, and of those gone none"


@pytest.mark.parametrize(("days", "sent"), [("", None), ("90", 90), ("0,5", 0.5), ("soon", "soon"), ("nan", "nan")])
def test_a_key_is_made_as_it_was_wished_and_shown_once(api, client, days, sent):
    form = {"csrf": token(client), "name": " ci ", "rights": ["predict", "train"], "tasks": ["flights"], "days": days}
    made = client.post("/ui/keys", data=form)
    assert made.status_code == 200 and made.headers["cache-control"] == "no-store"
    assert set(SECRET.findall(made.text)) == {"progon_" + "s" * 43} and "shown this once" in made.text
    (request,) = asked_with(api, "POST", "/keys")
    assert json.loads(request.content) == {"name": "ci", "rights": ["predict", "train"], "tasks": ["flights"],
                                           "days": sent}
    assert not SECRET.search(client.get("/ui/keys").headers.get("set-cookie", ""))


@pytest.mark.parametrize(("language", "said"), [
    ("en", ["choose one at least", "expected more than 0 and 36500 at most", "No key was made"]),
    ("ru", ["выберите хотя бы одно", "больше 0 и не больше 36500", "Ключ не создан"])])
def test_what_is_wrong_with_a_wish_stands_beside_its_field(api, language, said):
    faults = (("rights", "names none; there are predict, read"), ("days", "expected more than 0 and 36500 at most"))
    with client_of(api, **{"accept-language": language}) as client:
        csrf = token(client)
        refuse(api, problem(400, "bad request", *faults))
        page = client.post("/ui/keys", data={"csrf": csrf, "name": "kept as typed", "days": "-1"})
    assert page.status_code == 400 and all(words in page.text for words in said)
    assert 'value="kept as typed"' in page.text and 'value="-1"' in page.text


def test_a_name_that_is_taken_is_told(api, client):
    csrf = token(client)
    refuse(api, problem(409, "conflict", detail="a key ci is there already; revoke it, or give this one another name"))
    page = client.post("/ui/keys", data={"csrf": csrf, "name": "ci", "rights": "read"})
    assert page.status_code == 409 and "a key ci is there already" in page.text


def refuse(api, answer: httpx.Response) -> None:
    """A new key, and nothing else that is asked at its address."""
    class Refusing(dict):
        def get(self, path, usual=None):
            method = api.asked[-1][0]
            return answer if (method, path) == ("POST", "/keys") else super().get(path, usual)

    api.answers = Refusing(api.answers)


def test_before_the_first_key_it_is_said_what_it_changes(api, client):
    api.answers["/keys"] = httpx.Response(200, json={"keys": []})
    assert "Make one with the right admin first" in client.get("/ui/keys").text


def test_a_key_is_revoked_after_a_look_at_it(api, client):
    api.answers["/caller"] = httpx.Response(200, json={"name": "key 2", "rights": ["admin"], "tasks": []})
    assert "You are signed in with this key" in client.get("/ui/keys/2/revoke").text
    asked = client.get("/ui/keys/1/revoke").text
    assert "You are signed in" not in asked and "Revoke the key key 1" in asked
    assert asked_with(api, "DELETE", "/keys/1") == []
    done = client.post("/ui/keys/1/revoke", data={"csrf": token(client)}, follow_redirects=False)
    assert done.headers["location"] == "/ui/keys?revoked=1" and len(asked_with(api, "DELETE", "/keys/1")) == 1
    assert "The key key 1 is revoked" in client.get("/ui/keys?revoked=1").text
    assert client.get("/ui/keys/77/revoke").status_code == 404


def test_the_filters_of_what_was_done_are_those_of_the_api(api, client):
    page = client.get("/ui/audit?task=flights&who=anna&after=2026-01-31&before=9").text
    (request,) = asked_with(api, "GET", "/audit")
    assert dict(request.url.params) == {"task": "flights", "who": "anna", "after": "2026-01-31", "before": "9",
                                        "newest": "true", "limit": "50"}
    assert 'value="2026-01-31"' in page
    assert "/ui/audit?task=flights&amp;who=anna&amp;after=2026-01-31&amp;before=7" in page
    assert "/ui/audit/entries.ndjson?task=flights&amp;who=anna&amp;after=2026-01-31\"" in page


def test_a_moment_that_is_none_is_told_beside_it(api, client):
    api.answers["/audit"] = problem(400, "bad request", ("after", "expected an id, or a moment such as 2026-01-31"))
    page = client.get("/ui/audit?after=yesterday")
    assert page.status_code == 400 and "expected a moment such as 2026-01-31" in page.text
    assert 'value="yesterday"' in page.text


@pytest.fixture
def pages(service) -> Iterator[TestClient]:
    """Of the service over fakes."""
    api = httpx.AsyncClient(transport=InProcessTransport(service.client.app), base_url="http://api")
    with TestClient(create_pages(api), headers={"accept-language": "en"}) as client:
        yield client


def signed_in(pages: TestClient, service, *rights: Right, name: str) -> None:
    secret = get.create_key(service.container).execute(KeyWish(name, list(rights))).secret
    get.known_keys(service.container).refresh()
    pages.post("/ui/sign-in", data={"csrf": token(pages), "key": secret})


def test_from_the_first_key_to_its_end(pages, service):
    """By clicks alone, each of which leaves an entry."""
    form = {"csrf": token(pages), "name": "root", "rights": ["admin"], "days": "36000"}
    made = pages.post("/ui/keys", data=form)
    secret = SECRET.search(made.text)[0]
    assert "From now on keys are asked for" in made.text
    assert pages.get("/ui/keys", follow_redirects=False).headers["location"] == "/ui/sign-in?next=/ui/keys"
    pages.post("/ui/sign-in", data={"csrf": token(pages), "key": secret})
    assert "1 key in force" in pages.get("/ui/keys").text
    ci = pages.post("/ui/keys", data={**form, "name": "ci", "rights": ["read"], "days": ""})
    assert "From now on" not in ci.text and SECRET.search(ci.text)[0] != secret
    number = ports.keyring(service.container).all()[-1].id
    pages.post(f"/ui/keys/{number}/revoke", data={"csrf": token(pages)})
    page = pages.get("/ui/audit").text
    assert re.findall(r"key (?:made|revoked)", page) == ["key revoked", "key made", "key made"]
    assert "key made" in pages.get("/ui/audit?who=root").text
    assert "Nothing like that was done" in pages.get("/ui/audit?who=nobody").text
    lines = pages.get("/ui/audit/entries.ndjson?who=root")
    assert lines.headers["content-disposition"] == 'attachment; filename="audit.ndjson"'
    assert [json.loads(line)["act"] for line in lines.text.splitlines()] == ["key created", "key revoked"]


def test_a_reader_is_refused_in_words(pages, service, clock):
    signed_in(pages, service, Right.READ, name="reader")
    for path in ("/ui/keys", "/ui/audit"):
        refused = pages.get(path)
        assert refused.status_code == 403 and "has not the right admin" in refused.text
    assert "/ui/keys" not in pages.get("/ui/experiments").text


def test_the_service_tells_who_asks(service, clock):
    client = service.client
    everybody = client.get("/caller").json()
    assert everybody == {"name": None, "rights": list(Right), "tasks": []}
    secret = get.create_key(service.container).execute(KeyWish("ci", ["train"], ["flights"], 1)).secret
    get.known_keys(service.container).refresh()
    asked = {"Authorization": f"Bearer {secret}"}
    assert client.get("/caller", headers=asked).json() == {"name": "ci", "rights": ["train"], "tasks": ["flights"]}
    clock.advance(timedelta(days=2))
    assert client.get("/caller", headers=asked).status_code == 401
