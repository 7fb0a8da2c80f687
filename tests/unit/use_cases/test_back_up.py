"""All that the service keeps, into one file and back."""
from __future__ import annotations

import io
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from application.ports.artifact_store import UnknownArtifact
from application.ports.backup_file import DamagedBackup
from application.ports.database_copy import NotEmpty
from application.use_cases.back_up import BackUp, Restore
from domain.errors import InvalidInput
from tests.builders import make_task
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.backup_file import InMemoryBackupFile
from tests.fakes.clock import FixedClock
from tests.fakes.database_copy import InMemoryDatabaseCopy
from tests.fakes.task_catalog import InMemoryTaskCatalog

PATHS = {"experiments/1/model.onnx": b"model", "experiments/12/plots/roc.png": b"",
         "pictures/ab/abc.png": b"p" * 3_000_000}


class Place:
    def __init__(self, file: InMemoryBackupFile) -> None:
        self.tasks, self.artifacts = InMemoryTaskCatalog(), InMemoryArtifactStore()
        self.database = InMemoryDatabaseCopy(self.tasks)
        self.back_up = BackUp(self.database, self.artifacts, file, FixedClock(), workspace)
        self.restore = Restore(self.database, self.artifacts, file, workspace)


@contextmanager
def workspace():
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def file():
    return InMemoryBackupFile()


@pytest.fixture
def here(file):
    place = Place(file)
    place.tasks.add(make_task())
    for path, content in PATHS.items():
        place.artifacts.put(path, io.BytesIO(content))
    return place


@pytest.fixture
def saved(here, tmp_path):
    path = tmp_path / "backup"
    assert here.back_up.execute(path).files == 4
    return path


def test_all_of_it_is_there_again(here, saved, file):
    there = Place(file)
    assert there.restore.execute(saved).files == 4
    assert there.tasks.all() == here.tasks.all()
    assert {path: there.artifacts.read(path) for path in PATHS} == PATHS


def test_one_that_was_broken_off_can_be_done_again(saved, file):
    there = Place(file)
    there.artifacts.put("experiments/1/model.onnx", io.BytesIO(b"model"))
    there.restore.execute(saved)
    assert {path: there.artifacts.read(path) for path in PATHS} == PATHS and len(there.tasks.all()) == 1


def test_it_goes_only_where_nothing_is(saved, file):
    there = Place(file)
    there.tasks.add(make_task(name="own"))
    with pytest.raises(NotEmpty):
        there.restore.execute(saved)
    assert there.artifacts.list("experiments") == []


def test_a_damaged_one_changes_nothing(tmp_path, file):
    there, path = Place(file), tmp_path / "other"
    path.write_bytes(b"x")
    with pytest.raises(DamagedBackup):
        there.restore.execute(path)
    with file.create(path) as writer:
        writer.add("artifacts/experiments/1/model.onnx", 1, [b"m"])
    with pytest.raises(DamagedBackup, match="no backup of this service"):
        there.restore.execute(path)
    assert there.artifacts.list("experiments") == []


def test_one_of_another_database_is_told(saved, file, monkeypatch):
    there = Place(file)
    monkeypatch.setattr(InMemoryDatabaseCopy, "make", "sqlite 9999")
    with pytest.raises(InvalidInput, match="memory 1, and here is sqlite 9999"):
        there.restore.execute(saved)


def test_what_is_deleted_meanwhile_is_left_out(here, file, tmp_path, monkeypatch):
    opened = here.artifacts.open

    def gone(path, *arguments):
        if path.startswith("experiments/12/"):
            raise UnknownArtifact("gone")
        return opened(path, *arguments)

    monkeypatch.setattr(here.artifacts, "open", gone)
    assert here.back_up.execute(tmp_path / "backup").files == 3
