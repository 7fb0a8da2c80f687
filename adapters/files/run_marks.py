"""A locked file for each run: the kernel drops the lock of a process however it dies."""
from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from application.ports.run_marks import RunIsHeld, RunMarks

# Whoever looks whether a mark is abandoned holds it for a moment.
_LOOK_S, _TRIES = 0.02, 10


class FilesRunMarks(RunMarks):
    """folder: on this machine's own file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, experiment_id: int) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._acquire(experiment_id)
        try:
            yield
        finally:
            self._path(experiment_id).unlink(missing_ok=True)
            os.close(file)

    def is_held(self, experiment_id: int) -> bool:
        return self._path(experiment_id).exists() and not self._is_free(experiment_id)

    def abandoned(self) -> Sequence[int]:
        found = (int(path.name) for path in self._folder.glob("*") if path.name.isdecimal())
        return sorted(number for number in found if self._is_free(number))

    def forget(self, experiment_id: int) -> None:
        file = self._lock(experiment_id, os.O_RDWR)
        if file is not None:
            self._path(experiment_id).unlink(missing_ok=True)
            os.close(file)

    def _path(self, experiment_id: int) -> Path:
        return self._folder / str(experiment_id)

    def _acquire(self, experiment_id: int) -> int:
        for _ in range(_TRIES):
            file = self._lock(experiment_id, os.O_RDWR | os.O_CREAT)
            if file is not None:
                return file
            time.sleep(_LOOK_S)
        raise RunIsHeld(f"experiment {experiment_id} is run by another process")

    def _is_free(self, experiment_id: int) -> bool:
        file = self._lock(experiment_id, os.O_RDWR)
        if file is None:
            return False
        os.close(file)
        return True

    def _lock(self, experiment_id: int, flags: int) -> int | None:
        """The locked file; None if it is not there, if another holds it, or if it was forgotten meanwhile."""
        path = self._path(experiment_id)
        try:
            file = os.open(path, flags, 0o600)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file), os.stat(path)):
                return file
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(file)
        return None
