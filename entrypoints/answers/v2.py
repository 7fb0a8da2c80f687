"""The answers of the Open Inference Protocol, version 2: its names, its fields."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import UNSET, UnsetType

from application.ports.inference_meter import Inferences
from entrypoints.answers.answer import Answer, Json, says

Shape = Annotated[Sequence[int], says("-1 for a size that is not fixed")]


class ProtocolErrorAnswer(Answer):
    """What went wrong, in one text."""

    error: str


class ServerAnswer(Answer):
    """Who answers, and which extensions of the protocol are there."""

    name: str
    version: str
    extensions: Sequence[str]


class LiveAnswer(Answer):
    """Health; clients look at the status alone."""

    live: bool
    ready: bool


class ModelReadyAnswer(Answer):
    """Whether a model answers; clients look at the status alone."""

    name: str
    ready: bool


class TensorMetadataAnswer(Answer):
    """A tensor that a model takes or gives."""

    name: str
    datatype: str
    shape: Shape


class ModelMetadataAnswer(Answer):
    """A task, by its serving experiment."""

    name: str
    versions: Annotated[Sequence[str], says("The experiments that are loaded")]
    platform: str
    inputs: Sequence[TensorMetadataAnswer]
    outputs: Sequence[TensorMetadataAnswer]


class OutputAnswer(Answer, omit_defaults=True):
    """One output; a binary one has its size among its parameters, and its bytes behind the JSON."""

    name: str
    datatype: str
    shape: Sequence[int]
    data: Sequence[Json] | UnsetType = UNSET
    parameters: Mapping[str, int] | UnsetType = UNSET


class InferAnswer(Answer):
    """The answers to all rows."""

    model_name: str
    model_version: str
    id: Annotated[str, says("The request's own, or the one that it was given")]
    outputs: Sequence[OutputAnswer]


class IndexedModelAnswer(Answer):
    """A task in the repository."""

    name: str
    version: Annotated[str, says("The experiment that serves; empty while none does")]
    state: Annotated[str, says("READY or UNAVAILABLE")]
    reason: str

    @classmethod
    def of(cls, task: str, experiment_id: int | None) -> IndexedModelAnswer:
        if experiment_id is None:
            return cls(task, "", "UNAVAILABLE", "no experiment of it is deployed")
        return cls(task, str(experiment_id), "READY", "")


class CountAnswer(Answer):
    """How often, and how long in all."""

    count: int
    ns: int


class InferStatsAnswer(Answer):
    """Of all inferences since the service was started. Of requests the time that the model took is counted."""

    success: CountAnswer
    fail: CountAnswer
    compute_infer: CountAnswer


class ModelStatsAnswer(Answer):
    """What a model did."""

    name: str
    version: str
    inference_count: Annotated[int, says("Rows")]
    execution_count: Annotated[int, says("Runs of the model, on any number of rows")]
    inference_stats: InferStatsAnswer

    @classmethod
    def of(cls, task: str, experiment_id: int, told: Inferences) -> ModelStatsAnswer:
        run_ns = round(told.run_s * 1e9)
        return cls(task, str(experiment_id), told.rows, told.runs, InferStatsAnswer(
            CountAnswer(told.answered, run_ns), CountAnswer(told.failed, 0), CountAnswer(told.runs, run_ns)))


class StatsAnswer(Answer):
    """The statistics of one model or of all."""

    model_stats: Sequence[ModelStatsAnswer]
