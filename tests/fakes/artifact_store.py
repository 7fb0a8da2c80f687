from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from application.ports.artifact_store import ArtifactExists, ArtifactInfo, ArtifactStore, UnknownArtifact, UnsafePath
from domain.paths import is_safe


class InMemoryArtifactStore(ArtifactStore):
    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def put(self, path: str, content: BinaryIO) -> None:
        _check(path)
        data = b"".join(iter(lambda: content.read(1 << 20), b""))
        with self._lock:
            if path in self._contents:
                raise ArtifactExists(f"{path} is there already")
            self._contents[path] = data

    def read(self, path: str) -> bytes:
        _check(path)
        if path not in self._contents:
            raise UnknownArtifact(f"there is no artifact {path}")
        return self._contents[path]

    def open(self, path: str, chunk_bytes: int = 1 << 20) -> tuple[int, Iterator[bytes]]:
        data = self.read(path)
        return len(data), (data[start:start + chunk_bytes] for start in range(0, len(data), chunk_bytes))

    def list(self, prefix: str) -> Sequence[ArtifactInfo]:
        _check(prefix)
        with self._lock:
            found = [path for path in self._contents if path.startswith(f"{prefix}/")]
        return [ArtifactInfo(path, len(self._contents[path])) for path in sorted(found)]

    def remove(self, prefix: str) -> None:
        """For the port ArtifactRemover."""
        for found in self.list(prefix):
            with self._lock:
                self._contents.pop(found.path, None)

    def sweep(self) -> int:
        """A put is one step, and no writer dies here."""
        return 0


def _check(path: str) -> None:
    if not is_safe(path):
        raise UnsafePath(f"{path!r} is not a plain relative path")
