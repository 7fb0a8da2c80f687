"""What a model says of itself."""
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from application.decorators.threshold import threshold_of
from application.ports.serving_models import ServedModel
from domain.labels import Label
from domain.prediction import ModelTensor
from entrypoints.answers.answer import Answer, Json, says
from entrypoints.answers.rollouts import Threshold


class TensorAnswer(Answer):
    """An input or output of the model file."""

    name: str
    type: Annotated[str, says("As ONNX writes it, such as tensor(float)")]

    @classmethod
    def all_of(cls, tensors: Iterable[ModelTensor]) -> list[TensorAnswer]:
        return [cls(tensor.name, tensor.type) for tensor in tensors]


class ModelCardAnswer(Answer):
    """What the file of a model says, a text is empty where it says nothing; and the threshold that it was deployed
    with."""

    task: str
    experiment_id: int | None
    experiment_name: str
    commit_hash: str
    commit_reason: Annotated[str, says("Why the commit is unknown, and what makes the next one known; else empty")]
    saved_at: str
    dataset_version: int | None
    problem: str
    inputs: Sequence[TensorAnswer]
    outputs: Sequence[TensorAnswer]
    labels: Sequence[Label]
    metrics: Mapping[str, Json]
    origin: Annotated[str, says("trained, or imported")]
    producer: Annotated[str, says("Of an imported one: what its file said that made it")]
    source_sha256: Annotated[str, says("Of an imported one: of the file as it came")]
    holdout: Annotated[str, says("Of an imported one: exported or unverified")]
    threshold: Threshold

    @classmethod
    def of(cls, served: ServedModel) -> ModelCardAnswer:
        card = served.runner.card
        said = card.metadata
        return cls(
            task=card.task, experiment_id=card.experiment_id, experiment_name=said.get("experiment_name", ""),
            commit_hash=said.get("commit_hash", ""), commit_reason=said.get("commit_reason", ""),
            saved_at=said.get("saved_at", ""),
            dataset_version=card.dataset_version, problem=said.get("problem", ""),
            inputs=TensorAnswer.all_of(card.inputs), outputs=TensorAnswer.all_of(card.outputs), labels=card.labels,
            metrics=json.loads(said.get("metrics", "{}")), origin=said.get("origin", "trained"),
            producer=said.get("producer", ""), source_sha256=said.get("source_sha256", ""),
            holdout=said.get("holdout", ""), threshold=threshold_of(served.runner))
