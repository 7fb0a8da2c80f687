"""Where the service's own Dask scheduler listens: HOME/engine.json, written by the engine, read by who submits."""
from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict


class _Engine(TypedDict):
    pid: int
    address: str


@contextmanager
def announced(home: Path, address: str) -> Iterator[None]:
    """While in the block, `find` answers with this address."""
    path = _path(home)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps({"pid": os.getpid(), "address": address}), encoding="utf-8")
    unfinished.replace(path)
    try:
        yield
    finally:
        if (said := _read(path)) and said["pid"] == os.getpid():
            path.unlink(missing_ok=True)


def find(home: Path) -> str:
    """The address of the engine of this home; empty if none is alive."""
    said = _read(_path(home))
    return said["address"] if said and _is_alive(said["pid"]) else ""


def _path(home: Path) -> Path:
    return home / "engine.json"


def _read(path: Path) -> _Engine | None:
    try:
        said: _Engine = json.loads(path.read_text(encoding="utf-8"))
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
