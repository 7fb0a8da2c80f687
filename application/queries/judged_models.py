"""The models to judge experiments by."""
from __future__ import annotations

from application.decorators.threshold import at_threshold, threshold_of
from application.ports.artifact_store import ArtifactStore, UnknownArtifact
from application.ports.model_runner import ModelLoader, ModelRunner
from domain.provenance import judged_path


class JudgedModels:
    """A model that has learned from the held-out rows too (`refit: all`) is not judged by them: its experiment keeps
    the one beside it that is like it and has not seen them."""

    def __init__(self, artifacts: ArtifactStore, loader: ModelLoader) -> None:
        self._artifacts, self._loader = artifacts, loader

    def of(self, experiment_id: int, kept: ModelRunner) -> ModelRunner:
        """kept: the model that the experiment gives; the other one decides by its threshold. Raises: ModelRejected."""
        try:
            judged = self._loader.load(self._artifacts.read(judged_path(experiment_id)))
            return at_threshold(judged, threshold_of(kept))
        except UnknownArtifact:
            return kept
