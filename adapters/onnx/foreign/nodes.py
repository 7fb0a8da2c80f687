"""Nodes to be put before or after a graph, under names that meet none of it."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

ML = "ai.onnx.ml"


class Nodes:
    """prefix: of the names of all that is made."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def add(self, operator: str, *inputs: str, output: str = "", domain: str = "",
            **attributes: Any) -> str:
        """Returns: the name of the only output."""
        name = f"{self._prefix}{operator}_{len(self.nodes)}"
        output = output or f"{name}:0"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=name, domain=domain, **attributes))
        return output

    def constant(self, array: NDArray[np.generic] | Sequence[int]) -> str:
        """Of lists, int64."""
        values = np.asarray(array) if isinstance(array, np.ndarray) else np.array(array, dtype=np.int64)
        return self._keep(numpy_helper.from_array(values))

    def number(self, value: float) -> str:
        return self.constant(np.array(value, dtype=np.float32))

    def texts(self, texts: Sequence[str], shape: Sequence[int]) -> str:
        return self._keep(helper.make_tensor(
            "", TensorProto.STRING, list(shape), np.array([text.encode() for text in texts], dtype=object)))

    def _keep(self, tensor: TensorProto) -> str:
        tensor.name = f"{self._prefix}constant_{len(self.constants)}"
        self.constants.append(tensor)
        return tensor.name

    def codes(self, texts: str, categories: Sequence[str], first: int, default: int) -> str:
        """int64 of strings, by their place. The operator is in every version of the domain."""
        return self.add("CategoryMapper", texts, domain=ML, cats_strings=list(categories),
                        cats_int64s=list(range(first, first + len(categories))), default_int64=default)

    def into(self, graph: onnx.GraphProto) -> None:
        """At the end of a graph."""
        graph.node.extend(self.nodes)
        graph.initializer.extend(self.constants)
