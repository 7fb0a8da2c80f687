"""The contract of the port Disk."""
from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.files.disk import FilesDisk
from application.ports.disk import Disk, DiskFull
from domain.errors import NoRoom
from tests.fakes.disk import InMemoryDisk


@dataclass(frozen=True)
class Known:
    disk: Disk
    fill: Callable[[bool], None]


@pytest.fixture(params=["fake", "files"])
def known(request, tmp_path, monkeypatch) -> Known:
    """fill: the disk has no room any more, or has some again."""
    if request.param == "fake":
        fake = InMemoryDisk()
        return Known(fake, lambda full: setattr(fake, "full", full))
    write = os.write

    def without_room(file: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return Known(FilesDisk({"PROGON_HOME": tmp_path / "home", "PROGON_ARTIFACTS_URL": tmp_path / "artifacts"}),
                 lambda full: monkeypatch.setattr(os, "write", without_room if full else write))


def test_a_full_disk_is_named_and_heals_by_itself(known, tmp_path):
    known.disk.check()
    known.fill(True)
    with pytest.raises(DiskFull, match="the disk of PROGON_HOME: No space left on device") as raised:
        known.disk.check()
    assert isinstance(raised.value, NoRoom)
    known.fill(False)
    known.disk.check()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskFull, match="PROGON_ARTIFACTS_URL"):
        FilesDisk({"PROGON_HOME": tmp_path, "PROGON_ARTIFACTS_URL": Path(tmp_path, "file", "x")}).check()
