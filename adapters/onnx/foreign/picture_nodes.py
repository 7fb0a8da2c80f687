"""The nodes by which a picture becomes what a foreign graph takes."""
from __future__ import annotations

import numpy as np
from onnx import TensorProto

from adapters.onnx.foreign.nodes import Nodes
from adapters.onnx.foreign.resizing import resized
from adapters.onnx.foreign.tensors import FLOATS
from domain.picture_mapping import PictureMapping
from domain.schema import Column

# Of red, green and blue in what the eye takes for grey: ITU-R BT.601, as Pillow has it.
_LUMA = (0.299, 0.587, 0.114)
_BGR, _FROM_GREY = (2, 1, 0), (0, 0, 0)


def give_picture(before: Nodes, column: Column, kind: int, picture: PictureMapping) -> str:
    """Returns: the tensor for the input, of its kind. picture: with nothing left open."""
    planes = before.add("Transpose", _coloured(before, column, picture.colours), perm=[0, 3, 1, 2])
    if isinstance(picture.size, tuple):
        height, width = (before.constant([side]) for side in picture.size)
        planes = resized(before, planes, height, width)
    values = _scaled(before, planes, picture) if kind in FLOATS else _rounded(before, planes)
    if kind != TensorProto.FLOAT:
        values = before.add("Cast", values, to=kind)
    return before.add("Transpose", values, perm=[0, 2, 3, 1]) if picture.layout == "NHWC" else values


def _coloured(before: Nodes, column: Column, colours: str | None) -> str:
    """float [N, height, width, channels of the model]."""
    pixels = before.add("Cast", column.name, to=TensorProto.FLOAT)
    if colours == "GREY":
        return pixels if column.channels == 1 else before.add(
            "MatMul", pixels, before.constant(np.array(_LUMA, np.float32).reshape(3, 1)))
    if column.channels == 3 and colours == "RGB":
        return pixels
    return before.add("Gather", pixels, before.constant(_FROM_GREY if column.channels == 1 else _BGR), axis=3)


def _scaled(before: Nodes, planes: str, picture: PictureMapping) -> str:
    if picture.scale is not None and picture.scale != 1:
        planes = before.add("Mul", planes, before.number(picture.scale))
    for operator, numbers in (("Sub", picture.mean), ("Div", picture.std)):
        if numbers:
            by_colour = np.array(numbers, np.float32).reshape(-1, 1, 1)
            planes = before.add(operator, planes, before.constant(by_colour))
    return planes


def _rounded(before: Nodes, planes: str) -> str:
    """To the nearest: `Round` is not in every opset."""
    return before.add("Floor", before.add("Add", planes, before.number(0.5)))
