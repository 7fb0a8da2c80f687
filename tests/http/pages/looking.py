"""Pages over an API that is made up, and whether what they show is whole."""
from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
from starlette.testclient import TestClient

from entrypoints.admin.app import create_pages
from tests.http.pages.made_up_api import FakeApi


def client_of(api: FakeApi, **headers: str) -> TestClient:
    pages = create_pages(httpx.AsyncClient(transport=httpx.MockTransport(api), base_url="http://api"))
    return TestClient(pages, headers={"accept-language": "en"} | headers)


class Whole(HTMLParser):
    """Every tag is closed in the order in which it was opened."""

    VOID = {"meta", "link", "input", "br", "img", "path", "rect", "circle"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def assert_page(response, language: str = "en") -> None:
    assert response.status_code == 200, response.text
    assert f'<html lang="{language}">' in response.text
    parser = Whole()
    parser.feed(response.text)
    assert not parser.open
    assert len(parser.ids) == len(set(parser.ids))
    assert "style=" not in response.text and "onclick" not in response.text


def token(client: TestClient, path: str = "/ui/sign-in") -> str:
    return re.search(r'name="csrf" value="(\w+)"', client.get(path).text)[1]
