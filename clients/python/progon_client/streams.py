"""Server-sent events, as they come in pieces."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

EVENTS = "text/event-stream"


@dataclass
class Stream:
    """What one connection brings."""

    _rest: bytes = b""
    _name: str = ""
    _data: list[str] = field(default_factory=list)

    def hear(self, piece: bytes) -> Iterator[tuple[str, str]]:
        """Yields: name and data of each event that is whole; those without data are passed over."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            if event := self._line(line.removesuffix(b"\r").decode()):
                yield event

    def _line(self, line: str) -> tuple[str, str] | None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        return self._ended() if not line else None

    def _ended(self) -> tuple[str, str] | None:
        """What an empty line ends."""
        name, data = self._name, "\n".join(self._data)
        self._name, self._data = "", []
        return (name, data) if data else None
