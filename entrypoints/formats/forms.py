"""Forms of the answers to many rows: each takes the parts of an exchange and gives the bytes of a body."""
from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import IO

import msgspec

from application.ports.serving_models import ServedModel
from domain.exchange import Part

# Below this an answer that waits to be read stays in memory.
SPOOL_BYTES = 1 << 20
_PIECE_BYTES = 1 << 18
# What is told beside the answers, with one field at least.
Head = msgspec.Struct


class Body:
    """An answer that is whole: whatever could be wrong with a later row has been told.

    count: of what was answered. pieces: of the bytes, to be taken once; a form with a place for it begins with what the
    head says. close: lets go of what was kept for them.
    """

    def __init__(self, count: int, pieces: Callable[[Head], Iterator[bytes]],
                 close: Callable[[], None] = lambda: None) -> None:
        self.count, self.pieces, self.close = count, pieces, close


class AnswerForm(ABC):
    media_type: str

    @abstractmethod
    def collect(self, served: ServedModel, parts: Iterable[Part]) -> Body:
        """Takes all parts. Raises: what taking them does."""


class FileForm(AnswerForm):
    """A form without a head, which can be written while the parts come. One serves one answer.

    count: of what was answered so far.
    """

    count = 0

    @abstractmethod
    def stream(self, served: ServedModel, parts: Iterable[Part]) -> Iterator[bytes]:
        """Takes the parts while the pieces are taken. Raises: what taking them does."""

    def collect(self, served: ServedModel, parts: Iterable[Part]) -> Body:
        with BodyFile() as written:
            for piece in self.stream(served, parts):
                written.file.write(piece)
            return Body(self.count, lambda _: written.pieces(), written.kept())


class BodyFile:
    """A temporary file, closed at the end of the block unless it is kept."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)
        self._kept = False

    def __enter__(self) -> BodyFile:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._kept:
            self.file.close()

    def kept(self) -> Callable[[], None]:
        """Returns: what closes it."""
        self._kept = True
        return self.file.close

    def pieces(self) -> Iterator[bytes]:
        """All that was written."""
        self.file.seek(0)
        while piece := self.file.read(_PIECE_BYTES):
            yield piece
