"""Artifacts that nobody needs any more."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class ArtifactRemover(Protocol):
    """Beside an ArtifactStore, over the same files. Thread-safe: yes; processes may share them."""

    @abstractmethod
    def remove(self, prefix: str) -> None:
        """All that lies under the folder `prefix`. What is there no more is passed over, so that it can be called again
        where it did not end. Raises: UnsafePath for a path that is not relative and plain."""
