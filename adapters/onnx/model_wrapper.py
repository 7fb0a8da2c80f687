"""Foreign ONNX files wrapped by rules into the one form; the rules stand in adapters/onnx/foreign."""
from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import onnx
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from adapters.onnx.foreign.faults import Faults
from adapters.onnx.foreign.inputs import InputRules
from adapters.onnx.foreign.joining import at_once, finished, row_by_row
from adapters.onnx.foreign.masks import give_masks, layout_of
from adapters.onnx.foreign.nodes import Nodes
from adapters.onnx.foreign.outputs import Chosen, OutputRules, give_classes, give_number
from adapters.onnx.foreign.pictures import PictureRules
from adapters.onnx.foreign.reading import opset_of, producer_of, read_foreign
from adapters.onnx.foreign.tensors import Tensor, inputs_of
from adapters.onnx.session import open_session
from application.ports.model_runner import ModelCrashed, UnreadableModel
from application.ports.model_wrapper import ModelSource, ModelWrapper, WrappedModel
from domain.columns import ColumnType
from domain.columns.rules import Form
from domain.errors import Fault, InvalidInput
from domain.kinds.kind import Kind, Problem
from domain.labels import Label
from domain.model_mapping import ModelMapping
from domain.schema import Column
from domain.task import Task

_KINDS = {Form.NUMBERS: TensorProto.FLOAT, Form.TEXTS: TensorProto.STRING}
_PIXELS = {8: TensorProto.UINT8, 16: TensorProto.UINT16}
_NOISE = re.compile(r"\[ONNXRuntimeError\] : \d+ : \w+ : |/\S+/onnxruntime/\S+ |\s+")
_MAX_REASON_CHARS = 300
_NO_MEMORY = ("bad_alloc", "Failed to allocate", "out of memory")


class OnnxModelWrapper(ModelWrapper):
    def wrap(self, task: Task, source: ModelSource, mapping: ModelMapping) -> WrappedModel:
        faults, notes = Faults(), list[str]()
        model = read_foreign(source, faults, notes)
        inputs, before = inputs_of(model.graph), Nodes("before/")
        wired, understood = _wire(task, mapping, model, inputs, before, faults, notes)
        by_pixel = task.problem is Problem.SEGMENTATION
        chosen, order = OutputRules(task, mapping, model.graph, faults, notes).choose(by_pixel)
        layout = None if chosen is None or understood.picture is None or not by_pixel else layout_of(
            chosen, len(task.labels), understood.picture.layout, faults)
        if not inputs:
            faults.add("file", "takes no inputs: it answers every row alike")
        faults.check()
        assert chosen is not None and order is not None
        made = _assembled(task, model, inputs, wired, before, chosen, order, layout, notes)
        content = bytes(made.SerializeToString(deterministic=True))
        _check_whole(made, content)
        return WrappedModel(content, replace(understood, outputs={chosen.kind: chosen.output.said},
                                             labels=order or None), tuple(notes), producer_of(source.content))


def _wire(task: Task, mapping: ModelMapping, model: ModelProto, inputs: Sequence[Tensor], before: Nodes,
          faults: Faults, notes: list[str]) -> tuple[Mapping[str, str], ModelMapping]:
    """Returns: what goes into each input, and the mapping of the inputs as it was understood."""
    column = task.schema.features[0]
    if column.type is ColumnType.PICTURE:
        wired, picture = PictureRules(column, mapping, before, opset_of(model), faults, notes).wire(inputs)
        return wired, ModelMapping(picture=picture)
    if mapping.picture is not None:
        faults.add("picture", "is for tasks of pictures")
    wired, understood = InputRules(task, mapping, before, faults, notes).wire(inputs)
    return wired, ModelMapping(understood, mapping.missing)


def _assembled(task: Task, model: ModelProto, inputs: Sequence[Tensor], wired: Mapping[str, str], before: Nodes,
               chosen: Chosen, order: Sequence[Label], layout: str | None,
               notes: list[str]) -> ModelProto:
    """layout: of the output, where it is a mask."""
    fixed = sorted({tensor.batch for tensor in inputs if tensor.batch is not None})
    if fixed:
        if task.kind is Kind.TABULAR:  # pictures always go one by one
            notes.append(f"the model takes {', '.join(map(str, fixed))} rows at once, no more, no less: rows go one by "
                         "one")
        inner, result = row_by_row(model.graph, inputs, wired, chosen.tensor)
    else:
        inner, result = at_once(model.graph, inputs, wired, chosen.tensor)
    after = Nodes("after/")
    outputs = _given(task, model, after, chosen, result, order, layout)
    return finished(model, before, inner, after, list(map(_taken, task.schema.features)), outputs, _metadata(task))


def _given(task: Task, model: ModelProto, after: Nodes, chosen: Chosen, result: str, order: Sequence[Label],
           layout: str | None) -> list[ValueInfoProto]:
    """The outputs of the finished file."""
    if layout is not None:
        picture = task.schema.features[0].name
        return give_masks(after, chosen, result, layout, order, task.labels, picture, opset_of(model))
    if task.labels:
        return give_classes(after, chosen, result, order, task.labels)
    return give_number(after, result)


def _taken(column: Column) -> ValueInfoProto:
    """What the finished file takes for a column."""
    if column.type is ColumnType.PICTURE:
        return helper.make_tensor_value_info(column.name, _PIXELS[column.bits], ["N", "H", "W", column.channels])
    return helper.make_tensor_value_info(column.name, _KINDS[column.rules.form], ["N", 1])


def _metadata(task: Task) -> dict[str, str]:
    signature = [{"name": column.name, "type": str(column.type), "nullable": column.nullable}
                 for column in task.schema.features]
    return {"task": task.name, "problem": str(task.problem), "signature": json.dumps(signature, ensure_ascii=False),
            "labels": json.dumps(list(task.labels), ensure_ascii=False)}


def _check_whole(model: ModelProto, content: bytes) -> None:
    """Raises: InvalidInput, ModelCrashed."""
    try:
        onnx.checker.check_model(model)
        open_session(content, 1)
    except (onnx.checker.ValidationError, UnreadableModel) as failure:
        reason = _NOISE.sub(" ", str(failure.__cause__ or failure)).strip()[:_MAX_REASON_CHARS]
        if any(words in reason for words in _NO_MEMORY):
            raise ModelCrashed(f"the model needs more memory than it was given: {reason}") from failure
        problem = f"onnxruntime cannot load it: {reason}"
        raise InvalidInput(f"the model cannot be imported: file: {problem}", [Fault("file", problem)]) from failure
