"""Forms of the pages: ours alone are taken, and as large as is allowed."""
from __future__ import annotations

import httpx
import pytest
from starlette.testclient import TestClient

from entrypoints.admin.app import create_pages
from tests.http.pages.looking import token
from tests.http.pages.test_every_page import MODULES

POSTS = sorted({path.replace("{task}", "flights").replace("{token}", "0" * 32).replace("{id:int}", "3")
                for module in MODULES for path in module.POSTED})


@pytest.mark.parametrize("path", POSTS)
def test_a_form_from_elsewhere_changes_nothing(client, api, path):
    good = token(client)
    api.asked.clear()
    attempts = [
        ({}, {}), ({"csrf": "0" * 64}, {}), ({"csrf": good[:-1]}, {}), ({"csrf": "ж"}, {}),
        ({"csrf": good}, {"sec-fetch-site": "cross-site"}), ({"csrf": good}, {"sec-fetch-site": "same-site"}),
        ({"csrf": good}, {"origin": "https://evil.example"}), ({"csrf": good}, {"origin": "null"}),
    ]
    for form, headers in attempts:
        response = client.post(path, data=form, headers=headers)
        assert response.status_code == 403, (form, headers)
        assert "Nothing has been changed" in response.text
    client.cookies.clear()
    assert client.post(path, data={"csrf": good}).status_code == 403
    assert not [entry for entry in api.asked if entry[0] != "GET"]


@pytest.mark.parametrize("headers", [
    {}, {"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"},
    {"sec-fetch-site": "same-origin", "origin": "http://testserver"}])
def test_our_own_form_is_taken(client, headers):
    response = client.post("/ui/experiments/3/cancel", data={"csrf": token(client)}, headers=headers,
                           follow_redirects=False)
    assert response.status_code == 303


def test_the_token_differs_from_page_to_page(client):
    assert token(client) != token(client)


def test_a_form_without_its_file(client):
    for path in ("/ui/data/flights/check", "/ui/try/flights/batches"):
        assert client.post(path, data={"csrf": token(client)}).status_code == 400


def test_a_form_that_is_too_large(api):
    client = httpx.AsyncClient(transport=httpx.MockTransport(api), base_url="http://api")
    pages = create_pages(client, max_form_bytes=5000)
    with TestClient(pages) as client:
        form = {"csrf": token(client)}
        response = client.post("/ui/data/flights/check", data=form, files={"file": ("f.csv", b"x" * 10_000)})
    assert response.status_code == 413
