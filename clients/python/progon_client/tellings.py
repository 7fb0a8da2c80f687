"""What is told of a file while it is read: progress, and the answer at the end."""
from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from progon_client.answers.events import Reading
from progon_client.decoding import Misunderstood, decode
from progon_client.errors import UnexpectedAnswer
from progon_client.retries import Outcome
from progon_client.streams import EVENTS, Stream


def tells(response: httpx.Response) -> bool:
    """Is it a stream of events? What is refused before a file is read is none."""
    return response.is_success and response.headers.get("content-type", "").startswith(EVENTS)


@dataclass
class Telling:
    """One attempt at one call."""

    _stream: Stream = field(default_factory=Stream)
    _last: str = ""

    def hear(self, piece: bytes) -> Iterator[Reading]:
        """Raises: UnexpectedAnswer."""
        for name, data in self._stream.hear(piece):
            if name == "done":
                self._last = data
            elif name == "progress":
                yield _reading(data)

    def outcome(self, response: httpx.Response) -> Outcome:
        """At the end of the stream: the answer as it would have come without one."""
        if not self._last:
            return httpx.RemoteProtocolError("the stream ended before the answer came")
        kept = {name: value for name, value in response.headers.items() if name == "x-request-id"}
        return httpx.Response(_status(self._last), headers=kept, content=self._last.encode(), request=response.request)


def _reading(data: str) -> Reading:
    try:
        return decode(Reading, json.loads(data))
    except (Misunderstood, ValueError) as failure:
        raise UnexpectedAnswer(f"an event that this client cannot read: {failure}") from failure


def _status(data: str) -> int:
    """Of a problem document its own; that of what is no JSON is told by whoever reads it."""
    try:
        said = json.loads(data)
    except ValueError:
        return 200
    status = said.get("status") if isinstance(said, dict) else None
    return status if isinstance(status, int) else 200
