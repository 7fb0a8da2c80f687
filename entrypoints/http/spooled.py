"""Answers that are whole before their first byte goes out: after it, a fault in a later row could not be told."""
from __future__ import annotations

import tempfile
from collections.abc import Iterator

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

SPOOL_BYTES = 8 << 20
_PIECE_BYTES = 1 << 20


class Spooled:
    """A temporary file, closed on a failure or when the response that takes it has been sent."""

    def __init__(self) -> None:
        self.file = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)
        self._taken = False

    def __enter__(self) -> Spooled:
        return self

    def __exit__(self, *_) -> None:
        if not self._taken:
            self.file.close()

    def response(self, media_type: str, headers: dict[str, str], before: bytes = b"", after: bytes = b"") -> Response:
        """before, after: what goes out around the file."""
        response = _Closing(iterate_in_threadpool(self._pieces(before, after)), headers=headers, media_type=media_type)
        response.file, self._taken = self.file, True
        return response

    def _pieces(self, before: bytes, after: bytes) -> Iterator[bytes]:
        self.file.seek(0)
        yield before
        while piece := self.file.read(_PIECE_BYTES):
            yield piece
        yield after


class _Closing(StreamingResponse):
    """Closes its file at the end, also if its client has gone away before the first byte."""

    file: tempfile.SpooledTemporaryFile

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.file.close()
