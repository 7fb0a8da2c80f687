"""Answers as tensors: `prediction`, and `probabilities` where there are classes."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from domain.arrays import Array
from domain.errors import Fault, InvalidInput
from domain.exchange import Part
from domain.prediction import CompactPredictions, Predictions
from domain.task import Task
from entrypoints.answers.v2 import InferAnswer, OutputAnswer
from entrypoints.formats.v2.infer_request import BINARY_SIZE, InferRequest
from entrypoints.formats.v2.tensors import BYTES, Tensor, to_bytes, to_json

PREDICTION, PROBABILITIES = "prediction", "probabilities"


@dataclass(frozen=True, slots=True)
class Encoded:
    """body: an object, and behind its first `json_bytes` bytes of tensors; None: the object alone."""

    body: bytes
    json_bytes: int | None


def output_shapes(task: Task) -> Mapping[str, tuple[str, Sequence[int]]]:
    """Datatype and shape of each output, -1 for a size that is not fixed. Of pictures the prediction is the position of
    each pixel's class."""
    if not task.labels:
        return {PREDICTION: ("FP32", [-1])}
    pixels = [-1, -1] if task.schema.target.rules.from_files else []
    kind = "UINT8" if pixels else BYTES if isinstance(task.labels[0], str) else "INT64"
    return {PREDICTION: (kind, [-1, *pixels]), PROBABILITIES: ("FP32", [-1, *pixels, len(task.labels)])}


def check_outputs(task: Task, request: InferRequest) -> None:
    """Raises: InvalidInput for an output that there is not."""
    known = output_shapes(task)
    if faults := [Fault(f"output {name}", f"is unknown; known are {', '.join(known)}")
                  for name in request.outputs if name not in known]:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)


def gathered(task: Task, parts: Iterable[Part]) -> Sequence[Tensor]:
    """All outputs. Raises: InvalidInput for pictures that do not fit into one tensor; what taking the parts does."""
    if task.schema.target.rules.from_files:
        return _masks([part.answers for part in parts])
    answers = CompactPredictions(task.labels)
    for part in parts:
        answers.add(part.answers)
    return _columns(task, answers.whole())


def of_row(found: Sequence[Tensor], place: int) -> Sequence[Tensor]:
    """The outputs of one of the rows that were answered together."""
    rows = slice(place, place + 1)
    return [_tensor(tensor.name, tensor.datatype, tensor.values[rows]) for tensor in found]


def _masks(answers: Sequence[Predictions]) -> list[Tensor]:
    masks = [mask for part in answers for mask in part.values]
    if len({mask.shape for mask in masks}) > 1:
        raise InvalidInput("the pictures are not all of one size; send each size by itself")
    shares = [share for part in answers for share in part.shares]
    return [_tensor(PREDICTION, "UINT8", np.stack(masks).astype(np.uint8)),
            _tensor(PROBABILITIES, "FP32", np.stack(shares).astype(np.float32))] if masks else []


def _columns(task: Task, answers: Predictions) -> list[Tensor]:
    kind, _ = output_shapes(task)[PREDICTION]
    dtype = {BYTES: object, "INT64": np.int64, "FP32": np.float32}[kind]
    # What is of this type is left as it is, as it may know its codes.
    values = answers.values if answers.values.dtype == dtype else answers.values.astype(dtype)
    found = [_tensor(PREDICTION, kind, values)]
    return found + ([_tensor(PROBABILITIES, "FP32", answers.shares.astype(np.float32))] if task.labels else [])


def _tensor(name: str, datatype: str, values: Array) -> Tensor:
    return Tensor(name, datatype, values.shape, values)


def encode(request: InferRequest, request_id: str, task: str, experiment_id: int, found: Sequence[Tensor]) -> Encoded:
    """found: all outputs."""
    wanted = request.outputs or {tensor.name: request.binary for tensor in found}
    by_name, outputs, binary = {tensor.name: tensor for tensor in found}, [], []
    for name, as_bytes in wanted.items():
        tensor = by_name[name]
        if as_bytes:
            binary.append(to_bytes(tensor))
        outputs.append(OutputAnswer(
            name, tensor.datatype, tensor.shape, msgspec.UNSET if as_bytes else to_json(tensor),
            {BINARY_SIZE: len(binary[-1])} if as_bytes else msgspec.UNSET))
    head = msgspec.json.encode(InferAnswer(task, str(experiment_id), request.id or request_id, outputs))
    return Encoded(b"".join([head, *binary]), len(head) if binary else None)
