"""Much to show."""
from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.http.pages.looking import client_of
from tests.http.pages.made_up_api import FakeApi, much


@pytest.fixture
def api() -> FakeApi:
    return much()


@pytest.fixture
def client(api) -> Iterator[TestClient]:
    with client_of(api) as client:
        yield client
