"""The files that experiments leave: models, plots, metrics, events."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from domain.errors import Conflict, InvalidInput, NoRoom, NotFound


class UnknownArtifact(NotFound):
    code = "unknown_artifact"


class ArtifactExists(Conflict):
    code = "artifact_exists"


class ArtifactsFull(NoRoom):
    code = "artifacts_full"


class UnsafePath(InvalidInput):
    """An absolute path, one that leads outside with .., or one with an empty or odd part."""

    code = "unsafe_path"


@dataclass(frozen=True, slots=True)
class ArtifactInfo:
    """path: as it was put, with / between parts; size in bytes."""

    path: str
    size_bytes: int


class ArtifactStore(Protocol):
    """Files that are written once. Thread-safe: yes; processes may share one store.

    Every method raises UnsafePath for a path that is not relative and plain.
    """

    @abstractmethod
    def put(self, path: str, content: BinaryIO) -> None:
        """A reader sees all of the content or nothing. Raises: ArtifactExists, and then the first content stays;
        ArtifactsFull, and then there is nothing."""

    @abstractmethod
    def read(self, path: str) -> bytes:
        """Raises: UnknownArtifact."""

    @abstractmethod
    def open(self, path: str, chunk_bytes: int = 1 << 20) -> tuple[int, Iterator[bytes]]:
        """The size in bytes and the content in pieces. Raises: UnknownArtifact, before the first piece."""

    @abstractmethod
    def list(self, prefix: str) -> Sequence[ArtifactInfo]:
        """What lies under the folder `prefix`, by path; empty if nothing does."""

    @abstractmethod
    def sweep(self) -> int:
        """Removes what writers left that died in the middle of a put, if nothing was added to it for an hour: so long a
        writer may pause. Returns: of how many puts something was left."""
