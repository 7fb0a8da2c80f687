"""Backups in memory."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from application.ports.backup_file import BackupFile, BackupWriter, DamagedBackup, Piece

MARK = b"a backup in memory "


class InMemoryBackupWriter(BackupWriter):
    def __init__(self) -> None:
        self.added: dict[str, bytes] = {}

    def add(self, path: str, size_bytes: int, content: Iterable[bytes]) -> None:
        self.added[path] = b"".join(content)
        assert len(self.added[path]) == size_bytes


class InMemoryBackupFile(BackupFile):
    """The file itself says which of those in memory it is."""

    def __init__(self) -> None:
        self._made: dict[bytes, dict[str, bytes]] = {}

    @contextmanager
    def create(self, path: Path) -> Iterator[BackupWriter]:
        writer = InMemoryBackupWriter()
        yield writer
        content = MARK + str(len(self._made)).encode()
        self._made[content] = writer.added
        path.write_bytes(content)

    def read(self, path: Path) -> Iterator[Piece]:
        added = self._made.get(path.read_bytes())
        if added is None:
            raise DamagedBackup(f"{path.name} is no backup")
        for name, content in added.items():
            yield Piece(name, len(content), iter([content]))
