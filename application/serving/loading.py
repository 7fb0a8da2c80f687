"""The model of an experiment, out of the file that it left."""
from __future__ import annotations

from application.ports.artifact_store import ArtifactStore
from application.ports.model_runner import ModelLoader, ModelRunner
from domain.provenance import model_path


def load_model(artifacts: ArtifactStore, loader: ModelLoader, experiment_id: int) -> ModelRunner:
    """Raises: UnknownArtifact, UnreadableModel."""
    return loader.load(artifacts.read(model_path(experiment_id)))
