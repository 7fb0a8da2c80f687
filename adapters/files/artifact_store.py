from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import BinaryIO
from uuid import uuid4

from application.ports.artifact_store import (
    ArtifactExists,
    ArtifactInfo,
    ArtifactsFull,
    ArtifactStore,
    UnknownArtifact,
    UnsafePath,
)
from domain.full_disk import is_full
from domain.paths import is_safe

# No safe path has a colon, so what a killed process left behind is never listed, read or in the way of a name.
_UNFINISHED = ":unfinished-"
_SILENT_S = 3600.0


class FilesArtifactStore(ArtifactStore):
    """A folder on a file system with hard links. There a name is a file or a folder, never both."""

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))

    def put(self, path: str, content: BinaryIO) -> None:
        target = self._file(path)
        if os.path.lexists(target):
            raise ArtifactExists(f"{path} is there already")
        with _full_is_told(), self._unfinished(content) as finished:
            self._publish(path, finished, target)

    def read(self, path: str) -> bytes:
        with _missing_is_unknown(path):
            return self._file(path).read_bytes()

    def open(self, path: str, chunk_bytes: int = 1 << 20) -> tuple[int, Iterator[bytes]]:
        file = self._file(path)
        with _missing_is_unknown(path):
            status = file.stat()
        if not S_ISREG(status.st_mode):
            raise UnknownArtifact(f"there is no artifact {path}")
        return status.st_size, _pieces(file, chunk_bytes)

    def list(self, prefix: str) -> Sequence[ArtifactInfo]:
        return sorted(self._walk(self._file(prefix)), key=lambda found: found.path)

    def sweep(self) -> int:
        left = [file for file in self._root.glob(f"{_UNFINISHED}*") if _is_silent(file)]
        for file in left:
            file.unlink(missing_ok=True)
        return len(left)

    def _file(self, path: str) -> Path:
        return file_of(self._root, path)

    @contextmanager
    def _unfinished(self, content: BinaryIO) -> Iterator[Path]:
        self._root.mkdir(parents=True, exist_ok=True)
        file = self._root / f"{_UNFINISHED}{uuid4().hex}"
        try:
            with file.open("xb") as copy:
                shutil.copyfileobj(content, copy, 1 << 20)
                copy.flush()
                os.fsync(copy.fileno())
            yield file
        finally:
            file.unlink(missing_ok=True)

    def _publish(self, path: str, finished: Path, target: Path) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # Unlike a rename, a link fails where something is already.
            os.link(finished, target)
        except (FileExistsError, NotADirectoryError) as failure:
            raise ArtifactExists(f"{path} is there already, or a part of it is a file") from failure
        except OSError as failure:
            raise _named(failure, path) from failure
        for folder in target.relative_to(self._root).parents:
            _sync(self._root / folder)

    def _walk(self, folder: Path) -> Iterator[ArtifactInfo]:
        for parent, _, names in os.walk(folder, followlinks=False):
            for name in names:
                file = Path(parent, name)
                path = file.relative_to(self._root).as_posix()
                if is_safe(path) and not file.is_symlink():
                    yield ArtifactInfo(path, file.stat().st_size)


def file_of(root: Path, path: str) -> Path:
    """Raises: UnsafePath."""
    if not is_safe(path):
        raise UnsafePath(f"{path!r} is not a plain relative path")
    # Symbolic links may be put into the folder by others; none is followed, wherever it leads.
    if any(os.path.islink(root / part) for part in [PurePosixPath(path), *PurePosixPath(path).parents][:-1]):
        raise UnsafePath(f"{path!r} leads through a link")
    return root / path


def _is_silent(file: Path) -> bool:
    try:
        return time.time() - file.stat().st_mtime > _SILENT_S
    except FileNotFoundError:  # its writer has finished meanwhile
        return False


def _pieces(file: Path, chunk_bytes: int) -> Iterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(chunk_bytes):
            yield piece


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _named(failure: OSError, path: str) -> Exception:
    too_long = failure.errno == errno.ENAMETOOLONG
    return UnsafePath(f"{path[:40]!r}... is too long for this file system") if too_long else failure


@contextmanager
def _full_is_told() -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        if not is_full(failure):
            raise
        raise ArtifactsFull(f"the disk of the artifacts has no room: {failure.strerror}") from failure


@contextmanager
def _missing_is_unknown(path: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as failure:
        raise UnknownArtifact(f"there is no artifact {path}") from failure
    except OSError as failure:
        raise _named(failure, path) from failure
