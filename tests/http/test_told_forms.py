"""A form whose file takes long is told of to the script of its page, and answered as any other without it."""
from __future__ import annotations

import json

import httpx
import pytest
from starlette.testclient import TestClient

from entrypoints.http.prefix import Prefix
from tests.http.pages.looking import client_of, token
from tests.http.pages.made_up_api import FakeApi, much, problem
from tests.http.test_upload_events import told

ASKED = {"accept": "text/event-stream"}
CSV = b"carrier,temp\nUA,1\n"
READING = [{"rows": rows, "read_bytes": rows, "size_bytes": 12_000} for rows in (0, 12_000)]
FAULT = {"status": 400, "title": "bad request", "detail": "d",
         "errors": [{"where": "row 3, column temp", "problem": "a value is required"}]}


def events(last: object) -> httpx.Response:
    text = "".join(f"event: progress\ndata: {json.dumps(now)}\n\n" for now in READING)
    return httpx.Response(200, text=f": ping\n\n{text}event: done\ndata: {json.dumps(last)}\n\n",
                          headers={"Content-Type": "text/event-stream; charset=utf-8"})


@pytest.fixture
def api() -> FakeApi:
    api = much()
    api.answers["/datasets/flights/check"] = events({"task": "flights", "rows": 12_000})
    api.answers["/add_data"] = events({"task": "flights", "dataset_version": 1, "rows_added": 3, "duplicate": False})
    return api


@pytest.fixture(params=["en", "ru"])
def client(api, request):
    with client_of(api, **{"accept-language": request.param}) as client:
        yield client


def check(client, headers=ASKED) -> httpx.Response:
    return client.post("/ui/data/flights/check", data={"csrf": token(client)}, files={"file": ("f.csv", CSV)},
                       headers=headers, follow_redirects=False)


def asked_of(api: FakeApi, path: str) -> httpx.Request:
    return next(request for _, asked, request in api.asked if asked == path)


def test_checked_rows_are_told_and_then_where_to_go(client, api):
    answer = check(client)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["content-security-policy"]
    first, second, (name, last) = told(answer.text)
    words = {"en": "Checked so far: 12,000", "ru": "Проверено: 12\u202f000"}[client.headers["accept-language"]]
    assert second == ("progress", {"words": words}) and first[0] == "progress" and name == "done"
    assert asked_of(api, "/datasets/flights/check").headers["accept"] == "text/event-stream"
    added = client.post(f"{last['address']}/add", data={"csrf": token(client)}, headers=ASKED)
    assert told(added.text)[-1] == ("done", {"address": "/ui/data/flights?added=1"})
    assert asked_of(api, "/add_data").content == CSV
    assert client.get(last["address"]).status_code == 404, "the file is not needed any more"


def test_a_fault_is_the_page_that_would_have_been_the_answer(client, api):
    api.answers["/datasets/flights/check"] = events(FAULT)
    name, last = told(check(client).text)[-1]
    assert name == "done" and "<td>temp</td>" in last["page"] and "f.csv" in last["page"]
    assert not list(client.app.state.kept_files._folder.iterdir()), "nothing is left of the file"


@pytest.mark.parametrize("refused", [
    problem(404, "not found"), problem(503, "busy"), events({"status": 503, "title": "busy", "detail": "away"}),
    httpx.ConnectError("gone"), httpx.Response(200, text="", headers={"Content-Type": "text/event-stream"})])
def test_any_other_failure_is_the_page_that_says_so(client, api, refused):
    api.answers["/datasets/flights/check"] = refused
    name, last = told(check(client).text)[-1]
    assert name == "done" and "<h1>" in last["page"]


def test_who_is_not_signed_in_any_more_is_led_there(client, api):
    api.answers["/datasets/flights/check"] = problem(401, "unauthorized")
    assert told(check(client).text)[-1][1]["address"].startswith("/ui/sign-in?next=")


def test_behind_a_proxy_the_address_has_its_path(client):
    with TestClient(Prefix(client.app, "/ml"), base_url="http://testserver/ml") as behind:
        assert told(check(behind).text)[-1][1]["address"].startswith("/ml/ui/data/flights/files/")


def test_without_a_script_it_is_a_form(client, api):
    api.answers["/datasets/flights/check"] = httpx.Response(200, json={"task": "flights", "rows": 3})
    answer = check(client, {})
    assert answer.status_code == 303 and answer.headers["location"].startswith("/ui/data/flights/files/")
    assert "event-stream" not in asked_of(api, "/datasets/flights/check").headers["accept"]


def test_an_api_that_tells_nothing_is_understood(client, api):
    api.answers["/datasets/flights/check"] = httpx.Response(200, json={"task": "flights", "rows": 3})
    assert [name for name, _ in told(check(client).text)] == ["done"]
