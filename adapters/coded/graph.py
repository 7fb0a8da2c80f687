"""Nodes in front of a model's graph."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

ML, MICROSOFT = "ai.onnx.ml", "com.microsoft"
# The end of an axis.
END = 2**62


class Nodes:
    """prefix: of the names of all that is made."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Returns: the name of the only output."""
        name = f"{self._prefix}{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, domain=domain, **attributes))
        return name

    def parted(self, matrix: str, names: Sequence[str]) -> None:
        """The columns of [N, names] as [N, 1] each, under these names."""
        sizes = self.integers([1] * len(names))
        self.nodes.append(helper.make_node("Split", [matrix, sizes], list(names), axis=1))

    def constant(self, values: NDArray[np.generic]) -> str:
        return self._keep(numpy_helper.from_array(values))

    def integers(self, values: Sequence[int]) -> str:
        return self.constant(np.array(values, np.int64))

    def number(self, value: float) -> str:
        """float64"""
        return self.constant(np.array(value, np.float64))

    def texts(self, texts: Sequence[str]) -> str:
        encoded = np.array([text.encode() for text in texts], dtype=object)
        return self._keep(helper.make_tensor("", TensorProto.STRING, [len(texts)], encoded))

    def _keep(self, tensor: TensorProto) -> str:
        tensor.name = f"{self._prefix}constant_{len(self.constants)}"
        self.constants.append(tensor)
        return tensor.name

    def numbers_of(self, texts: str, numbers: dict[str, int], default: int = 0) -> str:
        """int64 of strings."""
        known = numbers or {"": default}
        return self.add("LabelEncoder", texts, domain=ML, keys_strings=list(known), values_int64s=list(known.values()),
                        default_int64=default)

    def looked_up(self, keys: str, known: Sequence[int], values: Sequence[int]) -> str:
        """int64 of int64, 0 for what is not known."""
        return self.add("LabelEncoder", keys, domain=ML, keys_int64s=list(known), values_int64s=list(values),
                        default_int64=0)

    def tokens(self, texts: str, pad: str = "", **how: Any) -> str:
        """string[N, most of a text], `pad` behind the last one."""
        return self.add("Tokenizer", texts, domain=MICROSOFT, mark=0, pad_value=pad, mincharnum=1, **how)

    def slice(self, tensor: str, start: int, end: int, axis: int) -> str:
        return self.add("Slice", tensor, *(self.integers([number]) for number in (start, end, axis)))

    def row_sums(self, tensor: str) -> str:
        """[N, ..., k] from [N, most, ..., k], or [N, 1] from [N, most]."""
        return self.add("ReduceSum", tensor, self.integers([1]), keepdims=1)
