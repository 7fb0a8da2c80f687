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


def test_each_disk_once_with_its_room(known, tmp_path):
    for _ in range(2):
        (state,) = known.disk.look()
        assert (state.name, state.failure) == ("PROGON_HOME", "") and 0 < state.free_bytes < 1 << 60
    known.fill(True)
    (state,) = known.disk.look()
    assert state.failure == "nothing can be written to the disk of PROGON_HOME: No space left on device"
    known.fill(False)
    assert known.disk.look()[0].failure == ""
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    disk = FilesDisk({"PROGON_ARTIFACTS_URL": Path(tmp_path, "file", "x"), "PROGON_HOME": tmp_path})
    with pytest.raises(DiskFull, match="PROGON_ARTIFACTS_URL"):
        disk.check()
    broken, home = disk.look()
    assert "PROGON_ARTIFACTS_URL" in broken.failure and broken.free_bytes is None
    assert (home.name, home.failure) == ("PROGON_HOME", "")
