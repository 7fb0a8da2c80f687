from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from threading import Lock
from uuid import uuid4

from adapters.spool import lines
from application.ports.prediction_log import AnsweredRows, PredictionLog
from application.ports.telemetry import Telemetry

LOCK = "lock"
MAX_SEGMENT_BYTES, MAX_SEGMENT_AGE_S = 16 << 20, 60.0
# Of one call of the system: IOV_MAX of Linux.
_MOST_PIECES = 1_024


class SpoolPredictionLog(PredictionLog):
    """folder: of the spool, on this machine's own file system. A row that `append` was given is in the kernel's hands:
    it survives the process, not a power cut. For a child made by fork: no, make another there."""

    def __init__(self, folder: Path, telemetry: Telemetry, *, max_segment_bytes: int = MAX_SEGMENT_BYTES,
                 max_segment_age_s: float = MAX_SEGMENT_AGE_S) -> None:
        self._spool, self._telemetry = folder, telemetry
        self._max_bytes, self._max_age_s = max_segment_bytes, max_segment_age_s
        self._writing = Lock()
        self._folder: Path | None = None
        self._alive: int | None = None
        self._file: int | None = None
        self._number = self._size = 0
        self._opened_at = 0.0

    def append(self, *answers: AnsweredRows) -> None:
        encoded = b"".join(map(lines.encode, answers))
        with self._writing:
            try:
                self._write(encoded)
                return
            except OSError:
                self._tidy()
        self._telemetry.log_state(lost_rows=sum(rows.n_rows for rows in answers))

    @contextmanager
    def batch(self) -> Iterator[Callable[[AnsweredRows], None]]:
        batch = _Batch(self._batch_path)
        try:
            yield batch.add
            batch.publish()
        finally:
            batch.close()
            if batch.lost_rows:
                self._telemetry.log_state(lost_rows=batch.lost_rows)

    def close(self) -> None:
        with self._writing:
            for file in (self._file, self._alive):
                if file is not None:
                    os.close(file)
            self._folder = self._file = self._alive = None
            self._number = 0

    def _batch_path(self) -> Path:
        with self._writing:
            return self._home() / f"batch-{uuid4().hex}.ndjson"

    def _write(self, encoded: bytes) -> None:
        file = self._file
        if file is None or self._size >= self._max_bytes or time.monotonic() - self._opened_at > self._max_age_s:
            file = self._rotate()
        written = os.write(file, encoded)
        while written < len(encoded):
            more = os.write(file, encoded[written:])
            if not more:
                raise OSError("the file takes no more")
            written += more
        self._size += len(encoded)

    def _tidy(self) -> None:
        """Takes what is half written away again; where that fails the next line goes into another file."""
        if self._file is not None:
            try:
                os.ftruncate(self._file, self._size)
            except OSError:
                self._drop(self._file)

    def _drop(self, file: int) -> None:
        self._file = None
        with suppress(OSError):
            os.close(file)

    def _rotate(self) -> int:
        if self._file is not None:
            self._drop(self._file)
        path = self._home() / f"log-{self._number:08}.ndjson"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._number += 1
        self._size, self._opened_at = 0, time.monotonic()
        return self._file

    def _home(self) -> Path:
        if self._folder is None:
            self._alive, self._folder = _settle(self._spool)
        return self._folder


@dataclass(frozen=True, slots=True)
class _Unfinished:
    """A file that gets its name when it is whole."""

    name: Path
    file: FileIO

    @classmethod
    def begin(cls, name: Path) -> _Unfinished:
        return cls(name, cls._path(name).open("xb", buffering=0))

    def write(self, pieces: list[memoryview]) -> None:
        """The list may be changed. Raises: OSError, with some of them written."""
        at = 0
        while at < len(pieces):
            if not (written := os.writev(self.file.fileno(), pieces[at:at + _MOST_PIECES])):
                raise OSError("the file takes no more")
            while at < len(pieces) and written >= len(pieces[at]):
                written -= len(pieces[at])
                at += 1
            if written:
                pieces[at] = pieces[at][written:]

    def finish(self) -> None:
        self.file.close()
        os.rename(self._path(self.name), self.name)

    def remove(self) -> None:
        """Does nothing to one that has its name."""
        with suppress(OSError):
            self.file.close()
        with suppress(OSError):
            self._path(self.name).unlink(missing_ok=True)

    @staticmethod
    def _path(name: Path) -> Path:
        return name.with_suffix(".part")


class _Batch:
    """A file of its own. Nothing is made while nothing is added."""

    def __init__(self, path: Callable[[], Path]) -> None:
        self._path = path
        self._made: _Unfinished | None = None
        self._lines = lines.Batch()
        self._rows = self.lost_rows = 0

    def add(self, rows: AnsweredRows) -> None:
        if not rows.n_rows:
            return
        self._rows += rows.n_rows
        if self.lost_rows:
            return
        with self._telling():
            made = self._made = self._made or _Unfinished.begin(self._path())
            for part in lines.cut(rows):
                made.write(self._lines.encode(part))

    def publish(self) -> None:
        if self._made is None or self.lost_rows:
            self.lost_rows = self._rows
            return
        with self._telling():
            self._made.finish()

    def close(self) -> None:
        if self._made is not None:
            self._made.remove()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            self.lost_rows = self._rows


def _settle(spool: Path) -> tuple[int, Path]:
    """(the held lock, a new folder). The folder gets its name when the lock is held, so that nobody takes it for one
    that a dead process left."""
    name = uuid4().hex
    hidden, folder = spool / f".{name}", spool / name
    hidden.mkdir(parents=True, mode=0o700)
    lock = os.open(hidden / LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.rename(hidden, folder)
    return lock, folder
