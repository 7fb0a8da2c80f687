"""The model of an experiment, out of the file that it left."""
from __future__ import annotations

from application.ports.artifact_store import ArtifactStore, UnknownArtifact
from application.ports.model_runner import ModelLoader, ModelRunner, UnreadableModel
from domain.provenance import digest_line, digest_path, model_path


def load_model(artifacts: ArtifactStore, loader: ModelLoader, experiment_id: int) -> ModelRunner:
    """Raises: UnknownArtifact, UnreadableModel."""
    return loader.load(read_model(artifacts, experiment_id))


def read_model(artifacts: ArtifactStore, experiment_id: int) -> bytes:
    """As it was published. Raises: UnknownArtifact, UnreadableModel if it was changed since."""
    model = artifacts.read(model_path(experiment_id))
    try:
        published = artifacts.read(digest_path(experiment_id))
    except UnknownArtifact:  # of before digests were kept
        return model
    if published != digest_line(model):
        raise UnreadableModel(f"the model file of experiment {experiment_id} is damaged, or was changed: its SHA-256 "
                              "is not that of the file that was published")
    return model
