"""A full disk, wherever a request meets it, as the answer that it is."""
from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.ports.disk import Disk
from domain.errors import NoRoom
from domain.full_disk import is_full
from entrypoints.http.errors import answer


class FullDisk:
    """ASGI middleware around the routes. What was not begun to be answered is answered with 507; an answer that was
    breaks off, as with any other failure."""

    def __init__(self, app: ASGIApp, disk: Disk) -> None:
        self._app, self._disk = app, disk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except OSError as failure:
            if begun or not is_full(failure):
                raise
            await answer(no_room(self._disk, failure))(scope, receive, send)


def no_room(disk: Disk, failure: OSError) -> NoRoom:
    """A full disk, named by the one that is full now; the system does not say which one it was."""
    try:
        disk.check()
    except NoRoom as known:
        return known
    return NoRoom(f"the service has no room for this on its disk: {failure.strerror}")
