"""Folders for work that leaves nothing behind."""
from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

# What is older was left by a process that was killed in the middle.
_FORGOTTEN_S = 24 * 3600.0


@contextmanager
def workspace(home: Path) -> Iterator[Path]:
    """An empty folder below `home`, gone at the end of the block."""
    home.mkdir(parents=True, exist_ok=True)
    for left in home.iterdir():
        if time.time() - left.stat().st_mtime > _FORGOTTEN_S:
            shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(dir=home, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
