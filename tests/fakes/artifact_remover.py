"""Artifacts in memory, removed."""
from __future__ import annotations

from application.ports.artifact_remover import ArtifactRemover
from tests.fakes.artifact_store import InMemoryArtifactStore


class InMemoryArtifactRemover(ArtifactRemover):
    def __init__(self, store: InMemoryArtifactStore) -> None:
        self._store = store

    def remove(self, prefix: str) -> None:
        self._store.remove(prefix)
