"""The data of a task, and more of it."""
from __future__ import annotations

import asyncio
import re

import httpx

from entrypoints.admin.kinds import tabular
from tests.http.pages.looking import assert_page, client_of, token
from tests.http.pages.made_up_api import problem


def test_faults_of_a_file_are_named_before_anything_is_added(client, api):
    api.answers["/datasets/flights/check"] = problem(400, "bad request", ("row 3, column temp", "a value is required"))
    response = client.post("/ui/data/flights/check", data={"csrf": token(client)},
                           files={"file": ("f.csv", b"x\n1\n", "text/csv")})
    assert response.status_code == 400
    assert "a value is required" in response.text and "<td>temp</td>" in response.text
    assert not [path for _, path, _ in api.asked if path == "/add_data"]


def test_a_file_is_added_after_it_was_seen(client, api):
    csv = b"carrier,temp\nUA,1\n"
    preview = client.post("/ui/data/flights/check", data={"csrf": token(client)}, files={"file": ("f.csv", csv)})
    assert_page(preview)
    assert "Add 3 rows" in preview.text and not [path for _, path, _ in api.asked if path == "/add_data"]
    added = client.post(preview.url.path + "/add", data={"csrf": token(client)})
    assert_page(added)
    assert "Dataset version 1 is made" in added.text
    assert next(request for _, path, request in api.asked if path == "/add_data").content == csv
    assert client.get(preview.url.path).status_code == 404


def test_the_page_does_not_wait_for_a_large_version_to_be_looked_through(api, monkeypatch):
    monkeypatch.setattr(tabular, "SOON_S", 0.01)
    asked, looked_through = [], asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/columns"):
            asked.append(request)
            if len(asked) == 2:
                looked_through.set()
            await looked_through.wait()
        return api(request)

    with client_of(slow) as client:
        page = client.get("/ui/data/flights")
        assert_page(page)
        assert 'class="spark"' not in page.text and "0 … 2" not in page.text
        whole = client.get(re.search(r'data-later="([^"]+)"', page.text)[1])
        assert_page(whole)
        assert 'class="spark"' in whole.text and "data-later" not in whole.text
