"""What is asked of models."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version as version_of

from application.ports.serving_models import ServedModel, UnknownVersion
from application.serving.choosing import of_version
from application.serving.current_request import meant
from domain.rows import Rows
from entrypoints.answers import v2 as answers
from entrypoints.formats.v2 import infer_answer
from entrypoints.formats.v2.columns import Asked, rows_of_columns
from entrypoints.formats.v2.infer_request import InferRequest
from entrypoints.formats.v2.metadata import inputs_of, outputs_of
from entrypoints.formats.v2.pictures import rows_of_pictures, takes_pictures
from entrypoints.formats.v2.tensors import Tensor
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container

PLATFORM = "onnxruntime_onnx"


@dataclass(frozen=True, eq=False, slots=True)
class Answered:
    """tensors: all outputs of the model that answered."""

    served: ServedModel
    tensors: Sequence[Tensor]


def server(extensions: Sequence[str]) -> answers.ServerAnswer:
    return answers.ServerAnswer("progon", version_of("progon"), extensions)


def are_served(container: Container) -> bool:
    return bool(get.serving_models(container).all_served())


def served_by(container: Container, task: str, version: str | None = None) -> ServedModel:
    """version: of what serves, or of a candidate beside it. The request is counted for this task.

    Raises: UnknownTask, NothingDeployed, UnknownVersion.
    """
    served = get.serving_models(container).current(task)
    meant(task)
    return served if version is None else of_version(served, number_of(version, task))


def number_of(version: str, task: str) -> int:
    """Of the experiment. Raises: UnknownVersion for a text that can name none."""
    if version.isdecimal() and version.isascii() and len(version) <= 18 and version == str(int(version)):
        return int(version)
    raise UnknownVersion(f"version {version[:40]} of {task} is not there: a version is the number of an experiment")


def metadata(container: Container, task: str, version: str | None) -> answers.ModelMetadataAnswer:
    """Raises: as `served_by`."""
    served = served_by(container, task, version)
    return answers.ModelMetadataAnswer(
        task, [str(served.experiment_id)], PLATFORM, inputs_of(served.task), outputs_of(served.task))


def stats(container: Container, task: str, version: str | None) -> answers.StatsAnswer:
    """Raises: as `served_by`."""
    return answers.StatsAnswer([_stats(container, served_by(container, task, version))])


def stats_of_all(container: Container, sees: Callable[[str], bool]) -> answers.StatsAnswer:
    """sees: whether whoever asks may be told of a task."""
    return answers.StatsAnswer([_stats(container, served) for served in get.serving_models(container).all_served()
                                if sees(served.task.name)])


def max_bytes(container: Container, served: ServedModel) -> int:
    """Of one request."""
    settings = ports.settings(container)
    return settings.max_picture_bytes if takes_pictures(served.task) else settings.max_json_bytes


def rows_of(container: Container, served: ServedModel, asked: InferRequest) -> Asked:
    """Raises: InvalidInput."""
    infer_answer.check_outputs(served.task, asked)
    if takes_pictures(served.task):
        return rows_of_pictures(served.task, asked.inputs, get.formats(container)[served.task.kind])
    return rows_of_columns(served.task, asked.inputs, ports.text_coder(container))


def is_short(served: ServedModel, rows: Asked) -> bool:
    """Whether they are answered at once, where they came; all else takes a slot and a thread."""
    return isinstance(rows, Rows) and not takes_pictures(served.task)


def answered(container: Container, task: str, version: str | None, rows: Asked) -> Answered:
    """Another model may have been deployed since the request came: it answers, unless a version was named.

    Raises: UnknownVersion, and what `Answering` does.
    """
    number = None if version is None else number_of(version, task)
    exchange = get.answering(container).execute(task, rows, version=number)
    return Answered(exchange.served, infer_answer.gathered(exchange.served.task, exchange.parts))


def _stats(container: Container, served: ServedModel) -> answers.ModelStatsAnswer:
    return answers.ModelStatsAnswer.of(served.task.name, served.experiment_id, get.inference_meter(container).of(
        served.task.name, served.experiment_id))
