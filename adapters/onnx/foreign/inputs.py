"""Rules by which the task's columns become the inputs that a foreign graph takes."""
from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from onnx import TensorProto

from adapters.onnx.foreign.faults import Faults
from adapters.onnx.foreign.nodes import Nodes
from adapters.onnx.foreign.tensors import FLOATS, WHOLE, Tensor
from domain.columns import ColumnType
from domain.columns.boolean import FALSE, TRUE
from domain.columns.rules import Form
from domain.model_mapping import InputMapping, ModelMapping
from domain.schema import Column
from domain.task import Task

# What no list of categories gives; shows that a text is none of them.
_NONE = -2**31


class InputRules:
    """Nodes are added to `before`; what is wrong, or left in doubt, to `faults`; what was guessed to `notes`."""

    def __init__(self, task: Task, mapping: ModelMapping, before: Nodes, faults: Faults, notes: list[str]) -> None:
        self._columns = {column.name: column for column in task.schema.features}
        self._mapping, self._before, self._faults, self._notes = mapping, before, faults, notes

    def wire(self, inputs: Sequence[Tensor]) -> tuple[dict[str, str], dict[str, InputMapping]]:
        """Returns: name of each input in the graph -> the tensor that is to go there, [N, columns] or [N]; and what
        each of them takes, as it was understood."""
        self._check_said(inputs)
        wired, understood = {}, {}
        for tensor in inputs:
            columns = self._columns_of(tensor, alone=len(inputs) == 1)
            if columns is None:
                continue
            said = self._said(tensor)
            understood[tensor.said] = InputMapping(columns, *self._categories(said, columns))
            wired[tensor.name] = self._joined(tensor, [self._columns[name] for name in columns], said)
        used = {name for each in understood.values() for name in each.columns or ()}
        if understood and (unused := [name for name in self._columns if name not in used]):
            self._notes.append(f"the model does not use {', '.join(unused)}")
        return wired, understood

    def _said(self, tensor: Tensor) -> InputMapping:
        return self._mapping.inputs.get(tensor.said, InputMapping())

    @staticmethod
    def _categories(said: InputMapping, columns: Sequence[str]) -> tuple[dict[str, tuple[str, ...]], int, float | None]:
        categories = {name: texts for name, texts in said.categories.items() if name in columns}
        return categories, said.start, (-1 if said.unknown is None else said.unknown) if categories else None

    def _check_said(self, inputs: Sequence[Tensor]) -> None:
        names = [tensor.said for tensor in inputs]
        for name, said in self._mapping.inputs.items():
            if name not in names:
                self._faults.add(f"inputs.{name}", f"is no input of the model, which has {', '.join(names)}")
            for column in said.categories:
                if column not in (said.columns or self._columns):
                    self._faults.add(f"inputs.{name}.categories.{column}", "is none of the columns of this input")
        for name in self._mapping.missing:
            if name not in self._columns:
                self._faults.add(f"missing.{name}", f"there is no column {name}")

    def _columns_of(self, tensor: Tensor, alone: bool) -> tuple[str, ...] | None:
        where = f"input {tensor.said}"
        if not tensor.kind or tensor.kind not in FLOATS | WHOLE | {TensorProto.STRING}:
            self._faults.add(where, "is neither a tensor of numbers nor one of texts")
            return None
        if tensor.rank is not None and not 1 <= tensor.rank <= 2:
            self._faults.add(where, f"has {tensor.rank} dimensions; rows of a table have one or two")
            return None
        columns = self._said(tensor).columns or self._found(tensor, alone)
        if columns is None:
            self._faults.add(where, f"which columns go in? Say inputs.{tensor.said}.columns: [...]")
            return None
        if unknown := [name for name in columns if name not in self._columns]:
            self._faults.add(where, f"there is no column {', '.join(unknown)}; the task has {', '.join(self._columns)}")
            return None
        if tensor.width is not None and tensor.width != len(columns):
            self._faults.add(where, f"takes {tensor.width} columns, and {len(columns)} would go in "
                                    f"({', '.join(columns)}): say inputs.{tensor.said}.columns: [...]")
            return None
        return columns

    def _found(self, tensor: Tensor, alone: bool) -> tuple[str, ...] | None:
        if tensor.said in self._columns and tensor.width in (1, None):
            return (tensor.said,)
        alike = [name for name in self._columns if _folded(name) == _folded(tensor.said)]
        if tensor.width == 1 and len(alike) == 1:
            self._notes.append(f"the input {tensor.said} is taken for the column {alike[0]}")
            return (alike[0],)
        if alone:
            self._notes.append(f"the input {tensor.said} takes the columns in the task's order: "
                               f"{', '.join(self._columns)}")
            return tuple(self._columns)
        return None

    def _joined(self, tensor: Tensor, columns: Sequence[Column], said: InputMapping) -> str:
        parts = [self._one(tensor, column, said) for column in columns]
        joined = parts[0] if len(parts) == 1 else self._before.add("Concat", *parts, axis=1)
        return self._before.add("Reshape", joined, self._before.constant([-1])) if tensor.rank == 1 else joined

    def _one(self, tensor: Tensor, column: Column, said: InputMapping) -> str:
        """[N, 1] of the kind of the input."""
        where, is_text = f"input {tensor.said}", column.rules.form is Form.TEXTS
        if column.name in said.categories:
            if tensor.kind == TensorProto.STRING or not is_text:
                self._faults.add(where, f"{column.name} needs no categories: " + (
                    "the input takes texts" if is_text else "it is a number"))
                return column.name
            return self._coded(tensor, column, said.categories[column.name], said.start,
                               -1.0 if said.unknown is None else said.unknown)
        if tensor.kind == TensorProto.STRING:
            return self._text(where, column, is_text)
        if column.type is ColumnType.BOOLEAN:
            return self._coded(tensor, column, (FALSE, TRUE), 0, math.nan)
        if is_text:
            self._faults.add(where, f"takes numbers, and {column.name} holds texts: say inputs.{tensor.said}."
                                    f"categories.{column.name}: [...], in the order of their numbers")
            return column.name
        return self._number(tensor, column)

    def _text(self, where: str, column: Column, is_text: bool) -> str:
        if not is_text:
            self._faults.add(where, f"takes texts, and {column.name} is a number")
            return column.name
        fill = self._mapping.missing.get(column.name)
        if fill is None:
            return column.name
        return self._before.add("Where", self._is_there(column), column.name,
                                self._before.texts([str(fill)], []))

    def _is_there(self, column: Column) -> str:
        """bool [N, 1] of texts: operators that compare them came late."""
        return self._before.add("Cast", self._before.codes(column.name, [""], 0, 1), to=TensorProto.BOOL)

    def _coded(self, tensor: Tensor, column: Column, texts: Sequence[str], first: int, unknown: float) -> str:
        """The number that stands for each text."""
        if math.isnan(unknown) and tensor.kind not in FLOATS and not self._is_safe(column):
            self._no_whole_number(tensor, column)
            return column.name
        codes = self._before.codes(column.name, texts, first, _NONE)
        is_known = self._before.add("Greater", self._as_float(codes), self._before.number(_NONE))
        coded = self._before.add("Where", is_known, self._as_float(codes), self._before.number(unknown))
        return self._cast(self._filled(column, coded, self._is_there), tensor.kind)

    def _is_safe(self, column: Column) -> bool:
        """A boolean is never unknown, but it may be missing."""
        return column.type is ColumnType.BOOLEAN and (not column.nullable or column.name in self._mapping.missing)

    def _no_whole_number(self, tensor: Tensor, column: Column) -> None:
        self._faults.add(f"input {tensor.said}", f"takes whole numbers, and none stands for a missing "
                                                 f"{column.name}: say missing.{column.name}")

    def _number(self, tensor: Tensor, column: Column) -> str:
        if tensor.kind in WHOLE and column.nullable and column.name not in self._mapping.missing:
            self._no_whole_number(tensor, column)
            return column.name
        return self._cast(self._filled(column, column.name, self._has_number), tensor.kind)

    def _has_number(self, column: Column) -> str:
        return self._before.add("Not", self._before.add("IsNaN", column.name))

    def _filled(self, column: Column, value: str, is_there: Callable[[Column], str]) -> str:
        """value: float [N, 1]."""
        fill = self._mapping.missing.get(column.name)
        if fill is None:
            return value
        if isinstance(fill, str):
            self._faults.add(f"missing.{column.name}", "a number goes in here, and a text is said")
            return value
        return self._before.add("Where", is_there(column), value, self._before.number(fill))

    def _as_float(self, value: str) -> str:
        return self._before.add("Cast", value, to=TensorProto.FLOAT)

    def _cast(self, value: str, kind: int) -> str:
        return value if kind == TensorProto.FLOAT else self._before.add("Cast", value, to=kind)


def _folded(name: str) -> str:
    """Converters put an underscore where a name has what their language does not take."""
    return re.sub(r"\W", "_", name.lower())
