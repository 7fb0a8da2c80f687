"""The straight way of a request that is there whole: from its connection to what answers it, by plain calls.

ASGI makes a task of each request and a coroutine of each layer that it passes, which together take longer than the
model of a row does. A layer that has nothing to say of a request hands it on; one that has leaves it to its way by
ASGI, which knows the words.
"""
from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, Protocol, cast

from starlette.types import ASGIApp, Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

# Of a scope: it was asked straight, in vain; what cannot answer it so need not be asked again.
ASKED = "progon.asked_straight"
# Headers of an answer 200, as they are sent, with their ends of lines; its body.
Sent = tuple[bytes, bytes]
# Is told once what is sent; None for what has to go the way of ASGI after all, of which nothing was kept or counted.
Answered = Callable[[Sent | None], None]


class Straight(Protocol):
    """scope: as ASGI has it. body: all of it. False where it is not answered so, and then nothing was done; else
    `answered` is called in this turn of the event loop or the next."""

    def __call__(self, scope: Scope, body: bytes, answered: Answered) -> bool: ...


_OF_PROXIES = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})


def straight_of(app: ASGIApp) -> Straight:
    """The one that an application has as `straight`; of another, one that answers nothing."""
    if isinstance(app, ProxyHeadersMiddleware):
        return _behind_proxies(app)
    found: Straight = getattr(app, "straight", _nothing)
    return found


def _nothing(scope: Scope, body: bytes, answered: Answered) -> bool:
    return False


def _behind_proxies(app: ProxyHeadersMiddleware) -> Straight:
    """The server's own layer says in the scope what proxies told of the client, and then calls the application."""
    straight, telling = straight_of(cast(ASGIApp, app.app)), copy(app)
    telling.app = _no_application

    def asked(scope: Scope, body: bytes, answered: Answered) -> bool:
        for name, _ in scope["headers"]:
            if name in _OF_PROXIES:
                _run(telling(cast(Any, scope), cast(Any, None), cast(Any, None)))
                break
        return straight(scope, body, answered)
    return asked


async def _no_application(*_: object) -> None:
    pass


def _run(coroutine: Any) -> None:
    """One that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration:
        pass
