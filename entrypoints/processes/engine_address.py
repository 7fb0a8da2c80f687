"""Where the service's own Dask scheduler listens, and what it wants to be shown: HOME/engine.json, written by the
engine, read by who submits."""
from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypedDict


class Engine(NamedTuple):
    """credentials: a certificate and its key, PEM."""

    address: str
    credentials: str


NONE = Engine("", "")


class _Said(TypedDict):
    pid: int
    address: str
    credentials: str


@contextmanager
def announced(home: Path, engine: Engine) -> Iterator[None]:
    """While in the block, `find` answers with it."""
    path = _path(home)
    unfinished = path.with_suffix(f".{os.getpid()}")
    said = _Said(pid=os.getpid(), address=engine.address, credentials=engine.credentials)
    # Whoever can read it can have anything run here.
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(said, file)
    unfinished.replace(path)
    try:
        yield
    finally:
        if (found := _read(path)) and found["pid"] == os.getpid():
            path.unlink(missing_ok=True)


def find(home: Path) -> Engine:
    """The engine of this home; NONE if none is alive."""
    said = _read(_path(home))
    return Engine(said["address"], said.get("credentials", "")) if said and _is_alive(said["pid"]) else NONE


def _path(home: Path) -> Path:
    return home / "engine.json"


def _read(path: Path) -> _Said | None:
    try:
        said: _Said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return said


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
