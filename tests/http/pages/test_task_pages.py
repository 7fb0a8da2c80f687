"""A task changed and deleted, and what is removed with it."""
from __future__ import annotations

import json
import re

import httpx
import pytest
from starlette.testclient import TestClient

from tests.http.pages.looking import token
from tests.http.pages.made_up_api import FakeApi, problem


def asked_with(api: FakeApi, method: str) -> list[httpx.Request]:
    return [request for asked, _, request in api.asked if asked == method]


def fields_of(client: TestClient, path: str = "/ui/tasks/flights/edit") -> dict[str, str]:
    """The fields of the form as a browser sends them that changes nothing."""
    page = client.get(path).text
    boxes = re.findall(r'type="checkbox" name="(\w+)"[^>]* checked', page)
    texts = re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', page)
    chosen = re.findall(r'<select name="(\w+)".*?value="(\w+)" selected', page)
    return dict(texts) | dict(chosen) | dict.fromkeys(boxes, "on") | {"csrf": token(client, path)}


def test_a_form_that_changes_nothing_asks_for_no_change(client, api):
    client.post("/ui/tasks/flights/edit", data=fields_of(client))
    assert json.loads(asked_with(api, "PATCH")[0].content) == {}


def test_what_differs_in_the_form_is_asked_for(client, api):
    fields = fields_of(client)
    del fields["c1_nullable"]
    changes = {"description": "a\r\nb", "labels": "2\r\n\r\n3", "c1_missing": "?\r\n-", "c1_private": "on",
               "c4_take_in": "on", "c4_type": "category", "c4_missing": ""}
    page = client.post("/ui/tasks/flights/edit", data=fields | changes)
    asked, = asked_with(api, "PATCH")
    assert asked.url.path == "/tasks/flights"
    assert json.loads(asked.content) == {
        "description": "a\nb", "labels": [0, 1, 2, 3],
        "columns": {"temp": {"nullable": False, "private": True, "missing": ["?", "-"]},
                    "row": {"role": "feature", "type": "category", "missing": []}}}
    assert "schema version 2 now" in page.text


def test_why_nothing_was_changed_stands_on_the_page_with_what_was_typed(client, api):
    fields = fields_of(client) | {"description": "as I want it", "c4_take_in": "on"}
    del fields["c0_missing"]
    answer = problem(400, "bad request", ("column temp.nullable", "3 rows have no value there"), ("labels", "begin so"))
    api.answers["/tasks/flights"], known = answer, api._task("flights")
    # The task itself is still there to be shown.
    original = FakeApi.__call__

    def only_patch(self, request):
        if request.method == "GET" and request.url.path == "/tasks/flights":
            return httpx.Response(200, json=known)
        return original(self, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeApi, "__call__", only_patch)
        page = client.post("/ui/tasks/flights/edit", data=fields)
    assert page.status_code == 400 and "Nothing was changed" in page.text
    assert "column temp.nullable: 3 rows have no value there" in page.text and "labels: begin so" in page.text
    beside = page.text[page.text.index("<code>temp"):page.text.index("<code>secret")]
    assert '<b class="fault">3 rows have no value there</b>' in beside
    assert "as I want it</textarea>" in page.text
    assert re.search(r'name="c4_take_in" checked', page.text)


def test_a_task_is_deleted_once_its_name_is_typed(client, api):
    path = "/ui/tasks/flights/delete"
    for typed in ("", "flight", "Flights"):
        assert client.post(path, data={"csrf": token(client), "confirm": typed}).status_code == 400
    assert not asked_with(api, "DELETE")
    client.post(path, data={"csrf": token(client), "confirm": " flights "})
    asked, = asked_with(api, "DELETE")
    assert (asked.url.path, asked.url.params["confirm"]) == ("/tasks/flights", "flights")


def test_an_experiment_and_a_version_are_removed_after_they_were_shown(client, api):
    assert "n5" in client.get("/ui/experiments/5/delete").text
    client.post("/ui/experiments/5/delete", data={"csrf": token(client)})
    version = re.search(r'name="version" value="(\d+)"', client.get("/ui/data/flights/undo").text)[1]
    client.post("/ui/data/flights/undo", data={"csrf": token(client), "version": version})
    assert [(request.url.path, dict(request.url.params)) for request in asked_with(api, "DELETE")] == [
        ("/experiments/5", {}), ("/datasets/flights/versions/newest", {"version": "1"})]
