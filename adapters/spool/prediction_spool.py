from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.spool import lines
from adapters.spool.prediction_log import LOCK
from application.ports.prediction_spool import PredictionSpool, SpooledRows
from application.serving.wanted import while_wanted

# Hardly more than is asked for at once, as what is behind it is read again.
_READ_BYTES = 64 << 10
_FORGOTTEN_S = 3600.0


@dataclass(slots=True)
class _Segment:
    """Bytes from the start of its file. waiting: rows in counted lines that are not shipped."""

    path: Path
    shipped: int = 0
    given: int = 0
    counted: int = 0
    waiting: int = 0
    given_rows: int = 0
    given_torn: int = 0

    def give_back(self) -> None:
        self.given, self.given_rows, self.given_torn = self.shipped, 0, 0

    def give(self, end: int, rows: int, is_torn: bool) -> None:
        self.given, self.given_rows, self.given_torn = end, self.given_rows + rows, self.given_torn + is_torn

    def ship(self) -> int:
        """Returns: how many torn entries were among them."""
        torn = self.given_torn
        self.shipped, self.waiting = self.given, max(self.waiting - self.given_rows, 0)
        self.give_back()
        return torn


class SpoolPredictionSpool(PredictionSpool):
    """Follows the growing files too, so that rows need not wait for a file to be full. A file is deleted when all of it
    is shipped and nobody writes to it any more."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._segments: dict[Path, _Segment] = {}
        self._mine: int | None = None
        self._torn = 0

    def pending(self, limit_rows: int) -> Sequence[SpooledRows]:
        found: list[SpooledRows] = []
        if not self._is_mine():
            return found
        for segment in self._segments.values():
            segment.give_back()
        rows = 0
        for segment, is_final in self._walk():
            name = f"{segment.path.parent.name}/{segment.path.stem}"
            for place, line, behind in _lines(segment.path, segment.shipped, is_final):
                if rows >= limit_rows:
                    return found
                entry = lines.decode(line, behind)
                size = lines.rows_in(line) if entry is None else entry.n_rows
                segment.give(place.stop, size, entry is None)
                if entry is not None:
                    rows += size
                    found.append(SpooledRows(f"{name}@{place.start}", entry))
        return found

    def shipped(self) -> None:
        for segment, is_final in self._walk():
            self._count(segment)
            self._torn += segment.ship()
            if is_final and segment.shipped >= segment.path.stat().st_size:
                segment.path.unlink(missing_ok=True)
                self._segments.pop(segment.path, None)

    def backlog_rows(self) -> int:
        if not self._is_mine():
            return 0
        waiting = 0
        for segment, _ in self._walk():
            self._count(segment)
            waiting += segment.waiting
        return waiting

    def torn(self) -> int:
        return self._torn

    def close(self) -> None:
        if self._mine is not None:
            os.close(self._mine)
            self._mine = None

    def _is_mine(self) -> bool:
        if self._mine is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._mine = _lock(self._folder / ".taker")
        return self._mine is not None

    def _walk(self) -> Iterator[tuple[_Segment, bool]]:
        """Every segment, with whether it will not grow any more."""
        for folder in sorted(self._folder.iterdir()):
            if folder.name.startswith("."):
                _sweep(folder)
            elif folder.is_dir():
                yield from self._walk_worker(folder)

    def _walk_worker(self, folder: Path) -> Iterator[tuple[_Segment, bool]]:
        lock = _lock(folder / LOCK)
        try:
            # Looked at after the lock: a process that died meanwhile has written all it ever will.
            logs, batches = sorted(folder.glob("log-*.ndjson")), sorted(folder.glob("batch-*.ndjson"))
            if lock is not None and not logs and not batches:
                shutil.rmtree(folder, ignore_errors=True)
            for path in while_wanted((*logs, *batches)):
                is_final = lock is not None or path in batches or path != logs[-1]
                yield self._segments.setdefault(path, _Segment(path)), is_final
        finally:
            if lock is not None:
                os.close(lock)

    def _count(self, segment: _Segment) -> None:
        if segment.counted >= segment.path.stat().st_size:
            return
        for place, line, _ in _lines(segment.path, segment.counted, is_final=False):
            segment.counted = place.stop
            segment.waiting += lines.rows_in(line)


def _lines(path: Path, start: int, is_final: bool) -> Iterator[tuple[slice, bytes, bytes]]:
    """(where it is in the file, the line without its newline, what belongs to it behind it) of those from `start` on;
    one that is not whole at the end of a file that may still grow is not given. Raises: NobodyWaits."""
    with path.open("rb", _READ_BYTES) as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(start)
        for line in while_wanted(file):
            end, behind = start + len(line), b""
            is_whole, more = line.endswith(b"\n"), lines.bytes_behind(line)
            if is_whole and more is not None:
                behind = file.read(min(more + 1, max(size - end, 0)))
                end, is_whole = end + len(behind), len(behind) == more + 1
            if not is_whole and not is_final:
                return
            yield slice(start, end), line.removesuffix(b"\n"), behind[:more]
            start = end


def _lock(path: Path) -> int | None:
    """The held lock; None if another process has it."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def _sweep(folder: Path) -> None:
    """A process that died before its folder had a name has written nothing."""
    if folder.is_dir() and time.time() - folder.stat().st_mtime > _FORGOTTEN_S:
        shutil.rmtree(folder, ignore_errors=True)
