"""Stores that settings choose, made alike for the service and for the stages of the pipeline."""
from __future__ import annotations

from pathlib import Path

from adapters.files.artifact_remover import FilesArtifactRemover
from adapters.files.artifact_store import FilesArtifactStore
from adapters.sqlmodel.database import Database
from application.ports.artifact_remover import ArtifactRemover
from application.ports.artifact_store import ArtifactStore
from entrypoints.settings import Settings, WrongSetting


def database(settings: Settings) -> Database:
    """Raises: WrongSetting."""
    try:
        return Database(settings.database)
    except ValueError as failure:
        raise WrongSetting(f"PROGON_DATABASE_URL: {failure}") from failure


def artifact_store(settings: Settings) -> ArtifactStore:
    if "://" in settings.artifacts:
        from adapters.obstore.artifact_store import ObstoreArtifactStore
        return ObstoreArtifactStore(settings.artifacts)
    return FilesArtifactStore(Path(settings.artifacts))


def artifact_remover(settings: Settings) -> ArtifactRemover:
    if "://" in settings.artifacts:
        from adapters.obstore.artifact_remover import ObstoreArtifactRemover
        return ObstoreArtifactRemover(settings.artifacts)
    return FilesArtifactRemover(Path(settings.artifacts))
