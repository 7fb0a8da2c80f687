"""A model file cut in two: categories to numbers by dictionaries of ours, the rest of the graph from one matrix.

To hand a runtime twenty columns, some of texts, takes it longer than all trees do. Graphs that begin with a
LabelEncoder for each category and one Concat, as those of our trainers do, are cut behind it; all others are run as
they are. Where such a graph ends by looking up a label by its position, that is left to us as well: the runtime would
make a text of its own for each row.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx

from domain.arrays import Array
from domain.table import FewRows, Table
from domain.text_cells import CodedTexts

_TEXTS, _NUMBERS = onnx.TensorProto.STRING, onnx.TensorProto.FLOAT


class Codes(dict[str, float]):
    """What a LabelEncoder makes of a text."""

    def __init__(self, codes: Iterable[tuple[str, float]], default: float) -> None:
        super().__init__(codes)
        self.default = default

    def __missing__(self, text: str) -> float:
        return self.default


@dataclass(frozen=True, slots=True)
class Split:
    """features: the columns of the matrix that the tail takes, each the name of a column of the task, and its codes if
    it is one of texts. matrix: the name of the tail's only input."""

    features: Sequence[tuple[str, Codes | None]]
    matrix: str
    tail: bytes
    # The name of an output that is int64[n] of the tail, and the labels that these are positions of.
    labels: tuple[str, Sequence[str]] | None = None
    # Of each feature of texts, by its place, the distinct ones that were read last, and the numbers that they are:
    # tiles of a file have them in common. A column may be several features, of other numbers each.
    _read: dict[int, tuple[Sequence[str], Array]] = field(default_factory=dict, compare=False)

    def feed(self, table: Table) -> Array:
        """float32[n_rows, features]."""
        if isinstance(table, FewRows):
            return np.array([[
                cells[name] if codes is None else codes[cells[name]]  # type: ignore[index]  # a column of texts
                for name, codes in self.features] for cells in table.rows], dtype=np.float32)
        if table.n_rows == 1:
            row = [table.columns[name][0] if codes is None else codes[table.columns[name][0]]
                   for name, codes in self.features]
            return np.array([row], dtype=np.float32)
        matrix = np.empty((table.n_rows, len(self.features)), dtype=np.float32)
        for place, (name, codes) in enumerate(self.features):
            column = table.columns[name]
            matrix[:, place] = column if codes is None else self._numbers(place, codes, column)
        return matrix

    def _numbers(self, place: int, codes: Codes, column: Array) -> Array:
        """float32[n] of a feature of texts."""
        if not isinstance(column, CodedTexts) or column.codes is None:
            return np.fromiter(map(codes.__getitem__, column.tolist()), np.float32, len(column))
        read = self._read.get(place)
        if read is None or read[0] is not column.texts:
            numbers = np.fromiter(map(codes.__getitem__, column.texts), np.float32, len(column.texts))
            read = self._read[place] = column.texts, numbers
        return read[1][column.codes]


class _OtherForm(Exception):
    pass


def split(model: onnx.ModelProto) -> Split | None:
    """None for a graph of another form. `model` is taken apart."""
    try:
        return _cut(model)
    except _OtherForm:
        return None


def _cut(model: onnx.ModelProto) -> Split:
    graph = model.graph
    types = {tensor.name: tensor.type.tensor_type.elem_type for tensor in graph.input}
    encoders = {node.output[0]: node for node in graph.node if node.op_type == "LabelEncoder"
                and types.get(node.input[0]) == _TEXTS}
    concat = _concat(graph, types.keys() | encoders.keys())
    features = [_feature(name, types, encoders) for name in concat.input]
    head = {concat.output[0], *encoders}
    tail = [node for node in graph.node if node.output[0] not in head]
    for node in tail:
        _ask_matrix(node, types, concat.output[0])
    if any(name in types or name in encoders for name in _asked(tail)):
        raise _OtherForm
    labels = _without_labels(graph, tail)
    return Split(features, concat.output[0], _tail_file(model, tail, concat.output[0], len(features)), labels)


def _without_labels(graph: onnx.GraphProto, tail: list[onnx.NodeProto]) -> tuple[str, Sequence[str]] | None:
    """Takes the last step out of `tail` where it looks up texts by their positions. Returns: as `Split.labels`."""
    output = next((tensor for tensor in graph.output if tensor.type.tensor_type.elem_type == _TEXTS), None)
    if output is None:
        return None
    makers = {name: node for node in tail for name in node.output}
    last = node = makers.get(output.name)
    while node is not None and node.op_type == "Identity":
        node = makers.get(node.input[0])
    if last is None or node is None or node.op_type != "Gather" or _attributes(node).get("axis", 0) != 0:
        return None
    labels = _constant_texts(graph, makers.get(node.input[0]), node.input[0])
    if labels is None:
        return None
    positions = onnx.helper.make_node("Identity", [node.input[1]], [output.name])
    tail[tail.index(last)] = positions
    if node is not last and node.output[0] not in set(_asked(tail)):
        tail.remove(node)
    output.type.tensor_type.elem_type = onnx.TensorProto.INT64
    return output.name, labels


def _constant_texts(graph: onnx.GraphProto, maker: onnx.NodeProto | None, name: str) -> Sequence[str] | None:
    tensors = [tensor for tensor in graph.initializer if tensor.name == name]
    if maker is not None and maker.op_type == "Constant":
        tensors = [attribute.t for attribute in maker.attribute if attribute.name == "value"]
    if len(tensors) != 1 or tensors[0].data_type != _TEXTS or len(tensors[0].dims) != 1:
        return None
    return [text.decode() for text in tensors[0].string_data]


def _concat(graph: onnx.GraphProto, known: Iterable[str]) -> onnx.NodeProto:
    """The only one of columns and encoded columns alone."""
    found: list[onnx.NodeProto] = [
        node for node in graph.node if node.op_type == "Concat" and set(node.input) <= set(known)]
    if len(found) != 1 or _attributes(found[0]).get("axis") != 1:
        raise _OtherForm
    return found[0]


def _feature(name: str, types: Mapping[str, int], encoders: Mapping[str, onnx.NodeProto]
             ) -> tuple[str, Codes | None]:
    if types.get(name) == _NUMBERS:
        return name, None
    if name not in encoders:
        raise _OtherForm
    said = _attributes(encoders[name])
    keys, values = said.get("keys_strings", ()), said.get("values_floats", ())
    if not keys or len(keys) != len(values) or len(set(keys)) < len(keys):
        raise _OtherForm
    codes = zip((key.decode() for key in keys), values, strict=True)
    return encoders[name].input[0], Codes(codes, said.get("default_float", -0.0))


def _ask_matrix(node: onnx.NodeProto, types: Mapping[str, int], matrix: str) -> None:
    """How many rows there are can be told from the matrix as from a column."""
    if node.op_type == "Shape" and node.input[0] in types and _attributes(node) == {"start": 0, "end": 1}:
        node.input[0] = matrix


def _asked(nodes: Iterable[onnx.NodeProto]) -> Iterator[str]:
    """What nodes ask for, those of their branches too."""
    for node in nodes:
        yield from node.input
        for attribute in node.attribute:
            yield from _asked(attribute.g.node)
            yield from (tensor.name for tensor in attribute.g.output)
            for branch in attribute.graphs:
                yield from _asked(branch.node)


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def _tail_file(model: onnx.ModelProto, nodes: Sequence[onnx.NodeProto], matrix: str, width: int) -> bytes:
    graph = model.graph
    if {tensor.name for tensor in graph.output} - {name for node in nodes for name in node.output}:
        raise _OtherForm
    del graph.input[:], graph.value_info[:], model.metadata_props[:]
    graph.input.append(onnx.helper.make_tensor_value_info(matrix, _NUMBERS, ["N", width]))
    kept = [node.SerializeToString() for node in nodes]
    del graph.node[:]
    for content in kept:
        graph.node.add().ParseFromString(content)
    return bytes(model.SerializeToString())
