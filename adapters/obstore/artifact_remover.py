from __future__ import annotations

from typing import Any

from obstore.store import from_url

from adapters.obstore.artifact_store import key_of
from application.ports.artifact_remover import ArtifactRemover


class ObstoreArtifactRemover(ArtifactRemover):
    """url, options: as of ObstoreArtifactStore."""

    def __init__(self, url: str, **options: Any) -> None:
        self._store = from_url(url, **options)

    def remove(self, prefix: str) -> None:
        for page in self._store.list(key_of(self._store, prefix)):
            self._store.delete([entry["path"] for entry in page])
