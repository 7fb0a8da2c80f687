"""What is told of an experiment while it runs: server-sent events, over as many connections as it takes."""
from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import httpx

from progon_client.answers.events import LogLine, Loss, Progress
from progon_client.answers.experiments import Experiment
from progon_client.decoding import Misunderstood, decode
from progon_client.errors import UnexpectedAnswer
from progon_client.streams import Stream

Event: TypeAlias = Progress | Loss | LogLine | Experiment
# The last one is told once, when it has ended.
_FORMS: dict[str, type[Event]] = {"progress": Progress, "metric": Loss, "log": LogLine, "done": Experiment}


@dataclass
class Story:
    """What one caller has been told of one experiment. Lines of the log that come again, with a new connection, are
    passed over."""

    ended: bool = False
    _lines: int = 0
    _known: int = 0
    _stream: Stream = field(default_factory=Stream)

    def connect(self) -> httpx.TransportError:
        """Before what a new connection brings. Returns: what it comes to, should it end before the story does."""
        self._known, self._stream = self._lines, Stream()
        return httpx.RemoteProtocolError("the stream ended before the training did")

    def hear(self, piece: bytes) -> Iterator[Event]:
        """Raises: UnexpectedAnswer for what is no event of an experiment."""
        for name, data in self._stream.hear(piece):
            if event := self._told(name, data):
                yield event

    def _told(self, name: str, data: str) -> Event | None:
        """None for what is not known here or was told before."""
        form = _FORMS.get(name)
        if form is None:
            return None
        try:
            event = decode(form, json.loads(data))
        except (Misunderstood, ValueError) as failure:
            raise UnexpectedAnswer(f"an event that this client cannot read: {failure}") from failure
        self.ended = isinstance(event, Experiment)
        return None if isinstance(event, LogLine) and self._again() else event

    def _again(self) -> bool:
        if self._known:
            self._known -= 1
            return True
        self._lines += 1
        return False
