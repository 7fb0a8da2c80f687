"""A tar archive, packed by gzip, that ends with the SHA-256 of each of its files; any tar can look into it."""
from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

from application.ports.backup_file import BackupFile, BackupWriter, DamagedBackup, Piece

DIGESTS = "sha256.json"
_READ_BYTES = 1 << 20
_UNREADABLE = (tarfile.TarError, EOFError, zlib.error)


class TarBackupFile(BackupFile):
    @contextmanager
    def create(self, path: Path) -> Iterator[BackupWriter]:
        unfinished = path.with_name(f".{path.name}.{uuid4().hex}.part")
        try:
            with unfinished.open("xb") as file:
                os.fchmod(file.fileno(), 0o600)  # it holds all data
                with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as archive:
                    writer = _Writer(archive)
                    yield writer
                    writer.end()
                file.flush()
                os.fsync(file.fileno())
            os.rename(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)

    def read(self, path: Path) -> Iterator[Piece]:
        digests: dict[str, str] = {}
        try:
            with tarfile.open(path, mode="r|gz") as archive:
                for member in archive:
                    content = archive.extractfile(member)
                    if content is None:
                        raise DamagedBackup(f"{path.name} is no backup: {member.name} is no file")
                    if member.name == DIGESTS:
                        _check(path, digests, content.read())
                        return
                    digest = hashlib.sha256()
                    pieces = _hashed(iter(partial(content.read, _READ_BYTES), b""), digest.update)
                    yield Piece(member.name, member.size, pieces)
                    for _ in pieces:
                        pass
                    digests[member.name] = digest.hexdigest()
        except _UNREADABLE as failure:
            raise DamagedBackup(f"{path.name} is no backup, or a damaged one: {failure}") from failure
        raise DamagedBackup(f"{path.name} is cut off, or no backup")


class _Writer(BackupWriter):
    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive, self._digests = archive, dict[str, str]()

    def add(self, path: str, size_bytes: int, content: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        self._put(path, size_bytes, _Stream(_hashed(iter(content), digest.update)))
        self._digests[path] = digest.hexdigest()

    def end(self) -> None:
        said = json.dumps(self._digests, indent=0).encode()
        self._put(DIGESTS, len(said), io.BytesIO(said))

    def _put(self, path: str, size_bytes: int, content: io.BufferedIOBase | _Stream) -> None:
        head = tarfile.TarInfo(path)
        head.size, head.mode = size_bytes, 0o600
        self._archive.addfile(head, content)  # type: ignore[arg-type]  # it asks for nothing but `read`


class _Stream:
    """Pieces as a file that is read to its end."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def read(self, size: int) -> bytes:
        while len(self._rest) < size and (piece := next(self._pieces, b"")):
            self._rest += piece
        read, self._rest = self._rest[:size], self._rest[size:]
        return read


def _hashed(pieces: Iterator[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for piece in pieces:
        update(piece)
        yield piece


def _check(path: Path, digests: dict[str, str], said: bytes) -> None:
    wanted = json.loads(said)
    if digests != wanted:
        odd = sorted(name for name in {*digests, *wanted} if digests.get(name) != wanted.get(name))
        raise DamagedBackup(f"{path.name} is damaged: {odd[0]} is not what was saved")
