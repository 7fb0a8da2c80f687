"""What the model files of experiments say of themselves, without keeping them loaded."""
from __future__ import annotations

from application.ports.artifact_store import ArtifactStore
from application.ports.model_runner import ModelLoader
from application.queries.remembered import Remembered
from application.serving.loading import load_model
from domain.prediction import ModelCard

KEPT = 64


class ModelCards:
    """An experiment's model file never changes, so its card is read once while it is asked for."""

    def __init__(self, artifacts: ArtifactStore, loader: ModelLoader) -> None:
        self._artifacts, self._loader = artifacts, loader
        self._read: Remembered[int, ModelCard] = Remembered(KEPT)

    def of(self, experiment_id: int) -> ModelCard:
        """Raises: UnknownArtifact, UnreadableModel."""
        return self._read.of(experiment_id, lambda: load_model(
            self._artifacts, self._loader, experiment_id).card)
