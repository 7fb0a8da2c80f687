"""Rules by which the outputs of a foreign graph become `prediction` and `probabilities`."""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, TensorProto, ValueInfoProto, helper

from adapters.onnx.foreign.classes import classes_of, order_of
from adapters.onnx.foreign.faults import Faults
from adapters.onnx.foreign.nodes import Nodes
from adapters.onnx.foreign.tensors import FLOATS, WHOLE, Tensor, outputs_of
from domain.labels import Label
from domain.model_mapping import ModelMapping
from domain.task import Task

# What ends in one of them gives probabilities.
_NORMALIZED = ("Softmax", "Sigmoid", "ZipMap", "Normalizer")
_USUAL_NAMES = ("probabilities", "probability", "output_probability")


class Chosen(NamedTuple):
    """An output of the graph, and what it is: one of OUTPUT_KINDS. tensor: the one to be read, which of a ZipMap is its
    input. width: numbers a row; None if the file does not tell."""

    kind: str
    output: Tensor
    tensor: str
    width: int | None


class OutputRules:
    def __init__(self, task: Task, mapping: ModelMapping, graph: GraphProto, faults: Faults,
                 notes: list[str]) -> None:
        self._task, self._mapping, self._graph = task, mapping, graph
        self._faults, self._notes = faults, notes
        self._zipped = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "ZipMap"}
        self._outputs = outputs_of(graph)
        self._makers = {name: node.op_type for node in graph.node for name in node.output}

    def choose(self, by_pixel: bool = False) -> tuple[Chosen | None, tuple[Label, ...] | None]:
        """The output that answers are made of, and the task's labels in the model's order. None where there is none.

        by_pixel: what it has to fit is known to whoever asks."""
        chosen = self._said() if self._mapping.outputs else self._found()
        if not self._task.labels:
            if self._mapping.labels is not None:
                self._faults.add("labels", "a regression has none")
            return self._checked(chosen, 1), ()
        order = order_of(self._mapping.labels, classes_of(self._graph), self._task.labels, self._faults, self._notes)
        return chosen if by_pixel else self._checked(chosen, len(self._task.labels)), order

    def _said(self) -> Chosen | None:
        (kind, name), = self._mapping.outputs.items()
        output = next((each for each in self._outputs if each.said == name), None)
        if output is None:
            self._faults.add("outputs", f"the model has no output {name}; it has {self._names(self._outputs)}")
            return None
        if not self._task.labels and kind != "prediction":
            self._faults.add("outputs", f"a regression has no {kind}: say outputs.prediction: {name}")
            return None
        return self._read(kind, output)

    def _found(self) -> Chosen | None:
        numbers = [each for each in self._outputs if self._has_numbers(each)]
        usual = [each for each in numbers if each.said in _USUAL_NAMES]
        if self._task.labels and len(numbers) > 1 and len(usual) == 1:
            numbers = usual
        kind = "probabilities" if self._task.labels else "prediction"
        if len(numbers) == 1:
            known = numbers[0].said in _USUAL_NAMES or self._makers.get(numbers[0].name) in _NORMALIZED
            if kind == "probabilities" and not known:
                self._notes.append(f"the output {numbers[0].said} is taken for probabilities")
            return self._read(kind, numbers[0])
        if numbers:
            self._faults.add("outputs", f"which of {self._names(numbers)} holds the {kind}? Say outputs.{kind}: NAME")
        else:
            self._faults.add("outputs", f"{self._names(self._outputs)}: none holds {kind}" + (
                "; if labels alone will do, say outputs.prediction: NAME" if self._task.labels else ""))
        return None

    def _has_numbers(self, output: Tensor) -> bool:
        kinds = FLOATS if self._task.labels else FLOATS | WHOLE
        return output.name in self._zipped or output.kind in kinds

    def _read(self, kind: str, output: Tensor) -> Chosen:
        tensor = self._zipped.get(output.name, output.name)
        return Chosen(kind, output, tensor, None if output.name in self._zipped else _width(output))

    def _checked(self, chosen: Chosen | None, classes: int) -> Chosen | None:
        """One score of two classes is the second's probability."""
        if chosen is None:
            return None
        where = f"output {chosen.output.said}"
        if not chosen.output.kind and chosen.tensor == chosen.output.name:
            self._faults.add(where, "is no tensor")
        elif chosen.output.rank is not None and not 1 <= chosen.output.rank <= 2 and chosen.width not in (1, classes):
            self._faults.add(where, f"has {chosen.output.rank} dimensions; answers to rows have one or two")
        elif chosen.kind == "prediction" and self._task.labels:
            return chosen
        elif chosen.width not in (None, classes) and not (chosen.width == 1 and classes == 2):
            self._faults.add(where, f"gives {chosen.width} numbers a row, and the task has "
                                    f"{f'{classes} classes' if classes > 1 else 'one number'}")
        return chosen

    @staticmethod
    def _names(outputs: Sequence[Tensor]) -> str:
        return ", ".join(each.said for each in outputs)


def _width(output: Tensor) -> int | None:
    """How many numbers it has for a row, in whatever shape."""
    sizes = None if output.shape is None else output.shape[1:]
    return None if sizes is None or None in sizes else math.prod(size for size in sizes if size)


def give_number(after: Nodes, scores: str) -> list[ValueInfoProto]:
    """Returns: the outputs. scores: any shape of one number a row."""
    numbers = after.add("Cast", scores, to=TensorProto.FLOAT)
    after.add("Reshape", numbers, after.constant([-1]), output="prediction")
    return [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["N"])]


def give_classes(after: Nodes, chosen: Chosen, scores: str, order: Sequence[Label],
                 labels: Sequence[Label]) -> list[ValueInfoProto]:
    """Returns: the outputs. scores: what `chosen` gives. order: the labels as the model has them."""
    shares = _of_labels(after, chosen, scores, order) if chosen.kind == "prediction" else _of_scores(
        after, chosen, scores, len(labels))
    places = [order.index(label) for label in labels]
    after.add("Gather", shares, after.constant(places), output="probabilities", axis=1)
    best = after.add("ArgMax", "probabilities", axis=1, keepdims=0)
    whole = isinstance(labels[0], int)
    known = after.constant(np.array(labels, dtype=np.int64)) if whole else after.texts(
        [str(label) for label in labels], [len(labels)])
    after.add("Gather", known, best, output="prediction", axis=0)
    kind = TensorProto.INT64 if whole else TensorProto.STRING
    return [helper.make_tensor_value_info("prediction", kind, ["N"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(labels)])]


def _of_scores(after: Nodes, chosen: Chosen, scores: str, classes: int) -> str:
    numbers = after.add("Cast", scores, to=TensorProto.FLOAT)
    if chosen.width == 1:
        one = after.add("Reshape", numbers, after.constant([-1, 1]))
        share = after.add("Sigmoid", one) if chosen.kind == "logits" else one
        return after.add("Concat", after.add("Sub", after.number(1), share), share, axis=1)
    table = after.add("Reshape", numbers, after.constant([-1, classes]))
    return after.add("Softmax", table, axis=1) if chosen.kind == "logits" else table


def _of_labels(after: Nodes, chosen: Chosen, scores: str, order: Sequence[Label]) -> str:
    """1 for the label that was given, 0 for the others."""
    if chosen.output.kind == TensorProto.STRING:
        given = after.codes(scores, [str(label) for label in order], 0, -1)
        known = np.arange(len(order), dtype=np.int64)
    else:
        given = scores
        whole = all(isinstance(label, int) for label in order)
        known = np.array(order, dtype=np.int64) if whole else np.arange(len(order), dtype=np.int64)
    return one_hot(after, after.add("Reshape", given, after.constant([-1, 1])), known.reshape(1, -1))


def one_hot(after: Nodes, given: str, known: NDArray[np.int64]) -> str:
    """float, 1 where it is the one and 0 elsewhere. given, known: of shapes that go together."""
    same = after.add("Equal", after.add("Cast", given, to=TensorProto.INT64), after.constant(known))
    return after.add("Cast", same, to=TensorProto.FLOAT)
