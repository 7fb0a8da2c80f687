from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from application.ports.disk import Disk, DiskFull, DiskState

# So much has to be free: a small answer of the database's needs some pages and their journal.
_ROOM_BYTES = 256 << 10


class FilesDisk(Disk):
    """folders: what each is called -> where it is; made if it is not there. A file is written to each disk, since a
    share of it may be used up while the whole is not."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = dict(folders)

    def check(self) -> None:
        for state in self._states():
            if state.failure:
                raise DiskFull(state.failure)

    def look(self) -> Sequence[DiskState]:
        return list(self._states())

    def _states(self) -> Iterator[DiskState]:
        seen: set[int] = set()
        for name, folder in self._folders.items():
            try:
                folder.mkdir(parents=True, exist_ok=True)
                number = folder.stat().st_dev
            except OSError as failure:
                yield DiskState(name, None, _told(name, failure))
                continue
            if number not in seen:
                seen.add(number)
                yield _state(name, folder)


def _state(name: str, folder: Path) -> DiskState:
    failure = ""
    try:
        _try(folder / f".room-{uuid4().hex}")
    except OSError as error:
        failure = _told(name, error)
    return DiskState(name, _free_bytes(folder), failure)


def _free_bytes(folder: Path) -> int | None:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize


def _told(name: str, failure: OSError) -> str:
    return f"nothing can be written to the disk of {name}: {failure.strerror}"


def _try(path: Path) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        left = _ROOM_BYTES
        while left:
            left -= os.write(file, bytes(left))
    finally:
        os.close(file)
        path.unlink(missing_ok=True)
