"""What a task takes and gives, in the words of the protocol."""
from __future__ import annotations

from domain.columns.rules import Form
from domain.schema import Column
from domain.task import Task
from entrypoints.answers.v2 import TensorMetadataAnswer
from entrypoints.formats.v2.infer_answer import output_shapes
from entrypoints.formats.v2.tensors import BYTES


def inputs_of(task: Task) -> list[TensorMetadataAnswer]:
    return [_input(column) for column in task.schema.features]


def outputs_of(task: Task) -> list[TensorMetadataAnswer]:
    return [TensorMetadataAnswer(name, datatype, shape) for name, (datatype, shape) in output_shapes(task).items()]


def _input(column: Column) -> TensorMetadataAnswer:
    """A picture's pixels; whole files may come instead, as [N] of BYTES."""
    if column.rules.form is Form.ARRAYS:
        return TensorMetadataAnswer(column.name, f"UINT{column.bits}", [-1, -1, -1, column.channels])
    return TensorMetadataAnswer(column.name, "FP32" if column.rules.form is Form.NUMBERS else BYTES, [-1])
