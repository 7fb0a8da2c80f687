"""All that the service keeps, into one file and back."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from application.ports.artifact_store import ArtifactExists, ArtifactStore, UnknownArtifact
from application.ports.backup_file import BackupFile, BackupWriter, DamagedBackup, Piece
from application.ports.clock import Clock
from application.ports.database_copy import DatabaseCopy
from domain.errors import InvalidInput
from domain.provenance import ARTIFACT_FOLDERS

HEAD, _DATABASE, _ARTIFACTS = "backup.json", "database/", "artifacts/"
_FORMAT = 1
_READ_BYTES = 1 << 20

Workspace = Callable[[], AbstractContextManager[Path]]


@dataclass(frozen=True, slots=True)
class Saved:
    files: int
    size_bytes: int


class BackUp:
    """Writes the database, as it is at one moment, and every artifact into one file, while the service goes on. First
    the database and then the artifacts, which are there before a row names them; one that is deleted in between is
    left out with its experiment.

    Not in it: answers that wait for the prediction log's table, caches, and what runs of trainings left in work.
    """

    def __init__(self, database: DatabaseCopy, artifacts: ArtifactStore, file: BackupFile, clock: Clock,
                 workspace: Workspace) -> None:
        """workspace: gives an empty folder, which is gone at the end of the block."""
        self._database, self._artifacts, self._file = database, artifacts, file
        self._clock, self._workspace = clock, workspace

    def execute(self, path: Path) -> Saved:
        """Raises: StorageUnavailable, OSError."""
        files = 0
        with self._workspace() as folder, self._file.create(path) as backup:
            head = json.dumps({
                "format": _FORMAT, "made": self._clock.now().isoformat(), "database": self._database.make}).encode()
            backup.add(HEAD, len(head), [head])
            self._database.save(folder)
            for saved in sorted(folder.iterdir()):
                backup.add(_DATABASE + saved.name, saved.stat().st_size, _read(saved))
                files += 1
            for prefix in ARTIFACT_FOLDERS:
                files += sum(self._add(backup, info.path) for info in self._artifacts.list(prefix))
        return Saved(files, path.stat().st_size)

    def _add(self, backup: BackupWriter, path: str) -> bool:
        try:
            size, pieces = self._artifacts.open(path)
        except UnknownArtifact:
            return False
        backup.add(_ARTIFACTS + path, size, pieces)
        return True


class Restore:
    """Brings back what a backup holds, where there is nothing yet. All of the file is read and its digests compared
    before anything is written; the database comes last, so that what was broken off can be done again."""

    def __init__(self, database: DatabaseCopy, artifacts: ArtifactStore, file: BackupFile,
                 workspace: Workspace) -> None:
        self._database, self._artifacts, self._file, self._workspace = database, artifacts, file, workspace

    def execute(self, path: Path) -> Saved:
        """Raises: DamagedBackup, InvalidInput for one of another database, NotEmpty, StorageUnavailable, OSError."""
        self._database.check_empty()
        self._check(path)
        files = 0
        with self._workspace() as folder:
            for piece in self._file.read(path):
                if piece.path.startswith(_DATABASE):
                    _write(folder / Path(piece.path).name, piece.content)
                elif piece.path.startswith(_ARTIFACTS):
                    self._put(piece, folder)
                files += piece.path != HEAD
            self._database.restore(folder)
        return Saved(files, path.stat().st_size)

    def _check(self, path: Path) -> None:
        pieces = self._file.read(path)
        head = next(pieces, None)
        if head is None or head.path != HEAD:
            raise DamagedBackup(f"{path.name} is no backup of this service")
        said = json.loads(b"".join(head.content))
        if said["format"] != _FORMAT or said["database"] != self._database.make:
            raise InvalidInput(f"the backup is of {said['database']}, and here is {self._database.make}: restore it "
                               "with the version and the kind of database that it was made with")
        for _ in pieces:
            pass

    def _put(self, piece: Piece, folder: Path) -> None:
        held = folder / "artifact"
        _write(held, piece.content)
        with held.open("rb") as content:
            try:
                self._artifacts.put(piece.path.removeprefix(_ARTIFACTS), content)
            except ArtifactExists:  # of a restore that was broken off
                pass
        held.unlink()


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_READ_BYTES), b"")


def _write(path: Path, content: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        for block in content:
            file.write(block)
