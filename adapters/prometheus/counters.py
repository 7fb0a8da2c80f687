"""Numbers of one process in a file that its siblings can read at any moment, also after its death.

prometheus_client's own multiprocess mode is switched on by the environment at import, for the whole process, and has
neither information metrics nor collectors; its files grow.
"""
from __future__ import annotations

import fcntl
import json
import mmap
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from struct import iter_unpack
from threading import Lock
from uuid import uuid4

# Of eight bytes each. In the last places, which no series is given, is counted what finds no other.
CAPACITY, _OPEN_END = 1 << 15, 64
# A label that a program error makes endless must not fill the file: what is too much is counted as "other".
MAX_SERIES = 2_000
_KEYS, _VALUES = ".keys", ".values"


@dataclass(frozen=True, slots=True)
class Series:
    """name, labels: of a metric; values: one number, or the buckets of a histogram and the sum behind them. alive:
    whether the process that counts lives."""

    name: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    alive: bool = True


class Counters:
    """folder: shared by the processes of one service. Made at the first count. A place is a position in `values`.
    Thread-safe: yes, while `lock` is held."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.lock = Lock()
        self._places: dict[tuple[str, ...], int] = {}
        self._counts: dict[str, int] = {}
        self._next = 0
        self._keys: int | None = None
        self._file: int | None = None
        self.values: memoryview[float] = memoryview(bytearray(CAPACITY * 8)).cast("d")

    def place(self, key: tuple[str, ...], width: int = 1) -> int:
        """key: metric and labels."""
        place = self._places.get(key)
        return self._new(key, width) if place is None else place

    def all(self) -> Iterator[Series]:
        """Of every process, the dead ones too, each on its own."""
        for keys in sorted(self._folder.glob(f"*{_KEYS}")):
            yield from _read(keys)

    def clear(self) -> None:
        """Forgets the counts of processes that are dead: for the start of a service, before its processes count."""
        for path in self._folder.glob(f"*{_VALUES}"):
            with suppress(OSError):
                file = os.open(path, os.O_RDWR)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.with_suffix(_KEYS).unlink(missing_ok=True)
                    path.unlink(missing_ok=True)
                finally:
                    os.close(file)

    def close(self) -> None:
        """What it counted stands; to the others its process is dead."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _new(self, key: tuple[str, ...], width: int) -> int:
        name, other = key[0], (key[0], *("other" for _ in key[1:]))
        if key != other and self._counts.get(name, 0) >= MAX_SERIES:
            return self.place(other, width)
        if self._next + width > CAPACITY - _OPEN_END:
            return CAPACITY - width
        self._counts[name] = self._counts.get(name, 0) + 1
        place, self._next = self._next, self._next + width
        self._tell(key, place, width)
        self._places[key] = place
        return place

    def _tell(self, key: tuple[str, ...], place: int, width: int) -> None:
        """On a full disk the numbers are this process's alone."""
        with suppress(OSError):
            keys = self._make() if self._keys is None else self._keys
            os.write(keys, json.dumps([place, width, *key]).encode() + b"\n")

    def _make(self) -> int:
        """Returns: the open file of the keys."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{os.getpid()}-{uuid4().hex[:8]}"
        self._file = os.open(path.with_suffix(_VALUES), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        # A hole in the file would kill the process when the disk is full at the moment of counting.
        os.posix_fallocate(self._file, 0, CAPACITY * 8)
        self.values = memoryview(mmap.mmap(self._file, CAPACITY * 8)).cast("d")
        self._keys = os.open(path.with_suffix(_KEYS), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        return self._keys


def _read(keys: Path) -> Iterator[Series]:
    try:
        known = [json.loads(line) for line in keys.read_bytes().split(b"\n")[:-1]]
        end = max((place + width for place, width, *_ in known), default=0)
        with keys.with_suffix(_VALUES).open("rb") as file:
            alive = _is_locked(file.fileno())
            values = [value for value, in iter_unpack("d", file.read(end * 8))]
    except FileNotFoundError:  # cleared meanwhile
        return
    for place, width, name, *labels in known:
        yield Series(name, tuple(labels), tuple(values[place:place + width]), alive)


def _is_locked(file: int) -> bool:
    """By the process that counts in it."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
