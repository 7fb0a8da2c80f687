"""One service, one HOME: a locked file in it. The kernel drops the lock of a process however it dies."""
from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrypoints.settings import WrongSetting

_NAME = "service.lock"
_log = logging.getLogger("progon.settings")


@contextmanager
def held(home: Path, who: str) -> Iterator[None]:
    """home: is there, and can be written. who: what is told to another that wants it while in the block.

    Raises: WrongSetting if another process holds it.
    """
    # Not inherited by what this process starts, so it is free once this process is gone.
    file = os.open(home / _NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(file, home)
        _write(file, f"process {os.getpid()}, {who}")
        yield
    finally:
        os.close(file)


def _lock(file: int, home: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as failure:
        other = os.pread(file, 200, 0).decode("utf-8", "replace").strip() or "another process"
        raise WrongSetting(
            f"PROGON_HOME: {home.resolve()} is in use by another service ({other}); stop that one, or give this one a "
            "PROGON_HOME of its own") from failure
    except OSError as failure:  # some network file systems
        _log.warning("PROGON_HOME cannot be locked (%s): see to it that no second service uses it", failure.strerror)


def _write(file: int, text: str) -> None:
    """Whom to look for. On a full disk the lock is held all the same."""
    try:
        os.ftruncate(file, 0)
        os.pwrite(file, text.encode(), 0)
    except OSError as failure:
        _log.warning("who uses PROGON_HOME could not be written into it: %s", failure.strerror)
