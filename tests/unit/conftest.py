from __future__ import annotations

import pytest

from application.serving.current_request import CurrentRequest, current_request


@pytest.fixture
def asked():
    """A request to `route` is being worked on."""
    def begin(route: str) -> CurrentRequest:
        request = CurrentRequest("0190-abc", route)
        current_request.set(request)
        return request

    yield begin
    current_request.set(None)
