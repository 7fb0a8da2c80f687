"""Pictures of any size made as large as a graph takes them, by operators that every opset has.

As Pillow and torchvision do it (bilinear, with antialiasing): each place is a mean of the pixels around it, weighed by
a triangle that is as wide as the step from place to place, so that nothing of a large picture is passed over. `Resize`
does it only from opset 18 on, and in onnxruntime with other weights (up to 13 of 255 levels away on noise).
"""
from __future__ import annotations

import numpy as np
from onnx import TensorProto

from adapters.onnx.foreign.nodes import Nodes

# Of `Range`.
OLDEST = 11
HEIGHT_AXIS, WIDTH_AXIS = 2, 3


def side_of(nodes: Nodes, planes: str, axis: int) -> str:
    """int64[1]: how many pixels that is. planes: [N, channels, height, width]."""
    return nodes.add("Gather", nodes.add("Shape", planes), nodes.constant([axis]), axis=0)


def resized(nodes: Nodes, planes: str, height: str, width: str) -> str:
    """planes: float [N, channels, height, width]. height, width: int64[1], as they are to be."""
    by_rows = _weights(nodes, side_of(nodes, planes, HEIGHT_AXIS), height)
    by_columns = _weights(nodes, side_of(nodes, planes, WIDTH_AXIS), width)
    lower = nodes.add("MatMul", by_rows, planes)
    return nodes.add("MatMul", lower, nodes.add("Transpose", by_columns, perm=[1, 0]))


def _weights(nodes: Nodes, came: str, wanted: str) -> str:
    """float[wanted, came], of each place; they add up to 1. came, wanted: int64[1], in pixels."""
    step = nodes.add("Div", _double(nodes, came), _double(nodes, wanted))
    reach = nodes.add("Max", step, _number(nodes, 1))
    places = nodes.add("Mul", _middles(nodes, wanted), step)
    column = nodes.add("Reshape", places, nodes.constant([-1, 1]))
    away = nodes.add("Abs", nodes.add("Sub", _middles(nodes, came), column))
    falling = nodes.add("Sub", _number(nodes, 1), nodes.add("Div", away, reach))
    triangle = nodes.add("Max", falling, _number(nodes, 0))
    ones = nodes.add("Expand", _number(nodes, 1), nodes.add("Concat", came, nodes.constant([1]), axis=0))
    shares = nodes.add("Div", triangle, nodes.add("MatMul", triangle, ones))
    return nodes.add("Cast", shares, to=TensorProto.FLOAT)


def _middles(nodes: Nodes, count: str) -> str:
    """double[count]: 0.5, 1.5, ..."""
    scalar = nodes.add("Reshape", count, nodes.constant(np.empty(0, np.int64)))
    zero, one = (nodes.constant(np.array(value, np.int64)) for value in (0, 1))
    return nodes.add("Add", _double(nodes, nodes.add("Range", zero, scalar, one)), _number(nodes, 0.5))


def _double(nodes: Nodes, value: str) -> str:
    return nodes.add("Cast", value, to=TensorProto.DOUBLE)


def _number(nodes: Nodes, value: float) -> str:
    return nodes.constant(np.array(value, np.float64))
