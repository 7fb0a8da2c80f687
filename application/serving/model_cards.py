"""What the model files of experiments say of themselves, without keeping them loaded."""
from __future__ import annotations

from collections import OrderedDict

from application.ports.artifact_store import ArtifactStore
from application.ports.model_runner import ModelLoader
from domain.prediction import ModelCard
from domain.provenance import model_path

KEPT = 64


class ModelCards:
    """An experiment's model file never changes, so its card is read once while it is asked for. For one thread."""

    def __init__(self, artifacts: ArtifactStore, loader: ModelLoader) -> None:
        self._artifacts, self._loader = artifacts, loader
        self._read: OrderedDict[int, ModelCard] = OrderedDict()

    def of(self, experiment_id: int) -> ModelCard:
        """Raises: UnknownArtifact, UnreadableModel."""
        if experiment_id not in self._read:
            self._read[experiment_id] = self._loader.load(self._artifacts.read(model_path(experiment_id))).card
        self._read.move_to_end(experiment_id)
        if len(self._read) > KEPT:
            self._read.popitem(last=False)
        return self._read[experiment_id]
