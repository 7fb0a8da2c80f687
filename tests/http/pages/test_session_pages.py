"""Signing in with a key."""
from __future__ import annotations

import pytest

from tests.http.pages.looking import assert_page, token


def test_a_key_is_asked_for_and_kept_from_scripts(api, client):
    api.key = "key1"
    asked = client.get("/ui/experiments?task=flights", follow_redirects=False)
    assert asked.headers["location"].startswith("/ui/sign-in?next=/ui/experiments")
    wrong = client.post("/ui/sign-in", data={"csrf": token(client), "key": "no", "next": "/ui/data"})
    assert wrong.status_code == 401 and "The key is not known" in wrong.text
    right = client.post("/ui/sign-in", data={"csrf": token(client), "key": "key1", "next": "/ui/data/flights"},
                        follow_redirects=False)
    assert right.headers["location"] == "/ui/data/flights"
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/ui" in cookie
    assert_page(client.get("/ui/data/flights"))
    client.post("/ui/sign-out", data={"csrf": token(client)})
    assert client.get("/ui/", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("after", [
    "https://evil.example", "//evil.example", "/\\evil", "/ui//evil", "javascript:x", ""])
def test_signing_in_leads_nowhere_else(api, client, after):
    api.key = "key1"
    response = client.post("/ui/sign-in", data={"csrf": token(client), "key": "key1", "next": after},
                           follow_redirects=False)
    assert response.headers["location"] == "/ui/"


@pytest.mark.parametrize("key", ["", "a b", "ж", 'a"b', "a\nb", "a;b"])
def test_a_key_that_no_header_can_hold(api, client, key):
    api.key = "key1"
    assert client.post("/ui/sign-in", data={"csrf": token(client), "key": key}).status_code == 401
