"""Rules by which what a foreign graph says of each pixel becomes `prediction` and `probabilities`."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto, ValueInfoProto, helper

from adapters.onnx.foreign.faults import Faults
from adapters.onnx.foreign.nodes import Nodes
from adapters.onnx.foreign.outputs import Chosen, one_hot
from domain.labels import Label

_NCHW, _NHWC = "NCHW", "NHWC"


def layout_of(chosen: Chosen, classes: int, of_input: str | None, faults: Faults) -> str | None:
    """Of the output: NCHW, NHWC, or NHW where each pixel has one number. None where it fits none."""
    output, widths = chosen.output, {classes, 1} if classes == 2 else {classes}
    if chosen.kind == "prediction":
        widths = {1}
    if output.rank == 3 and 1 in widths:
        return "NHW"
    if output.rank not in (None, 4):
        faults.add(f"output {output.said}", f"has {output.rank} dimensions; a mask for each of {classes} classes has "
                                            f"four, {_NCHW} or {_NHWC}")
        return None
    shape = output.shape or (None,) * 4
    found = {_NCHW: shape[1], _NHWC: shape[3]}
    fits = [layout for layout, width in found.items() if width in widths]
    if of_input in fits or of_input is not None and not fits and found[of_input] is None:
        return of_input
    if not fits and of_input is not None:
        faults.add(f"output {output.said}", f"gives {found[of_input]} numbers a pixel, and the task has {classes} "
                                            "classes")
    return fits[0] if fits else None


def width_of(chosen: Chosen, layout: str) -> int | None:
    """Numbers a pixel; None if the file does not tell."""
    shape = chosen.output.shape
    return 1 if layout == "NHW" else None if shape is None else shape[1 if layout == _NCHW else 3]


def give_masks(after: Nodes, chosen: Chosen, scores: str, layout: str, order: Sequence[Label], labels: Sequence[Label],
               picture: str, opset: int) -> list[ValueInfoProto]:
    """Returns: the outputs, as large as the picture, uint8 or uint16 [N, height, width, channels]. scores: what
    `chosen` gives. order: the labels as the model has them."""
    planes = _planes(after, scores, layout)
    shares = _shares(after, chosen, planes, width_of(chosen, layout), len(labels))
    sized = _as_large(after, shares, picture, opset)
    places = after.constant([order.index(label) for label in labels])
    ordered = after.add("Gather", sized, places, axis=1)
    after.add("Transpose", ordered, output="probabilities", perm=[0, 2, 3, 1])
    best = after.add("ArgMax", "probabilities", axis=3, keepdims=0)
    after.add("Cast", best, output="prediction", to=TensorProto.UINT8)
    return [helper.make_tensor_value_info("prediction", TensorProto.UINT8, ["N", "H", "W"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", "H", "W", len(labels)])]


def _planes(after: Nodes, scores: str, layout: str) -> str:
    """[N, numbers, height, width]."""
    if layout == "NHW":
        shape = after.add("Shape", scores)
        ends = [after.add("Gather", shape, after.constant(axes), axis=0) for axes in ([0], [1, 2])]
        return after.add("Reshape", scores, after.add("Concat", ends[0], after.constant([1]), ends[1], axis=0))
    return after.add("Transpose", scores, perm=[0, 3, 1, 2]) if layout == _NHWC else scores


def _shares(after: Nodes, chosen: Chosen, planes: str, width: int | None, classes: int) -> str:
    """float [N, classes, height, width]."""
    if chosen.kind == "prediction":
        return one_hot(after, planes, np.arange(classes).reshape(1, -1, 1, 1))
    numbers = after.add("Cast", planes, to=TensorProto.FLOAT)
    if width == 1:
        share = after.add("Sigmoid", numbers) if chosen.kind == "logits" else numbers
        return after.add("Concat", after.add("Sub", after.number(1), share), share, axis=1)
    if chosen.kind == "probabilities":
        return numbers
    # Up to opset 12 the operator takes all axes behind its own together.
    last = after.add("Transpose", numbers, perm=[0, 2, 3, 1])
    return after.add("Transpose", after.add("Softmax", last, axis=3), perm=[0, 3, 1, 2])


def _as_large(after: Nodes, planes: str, picture: str, opset: int) -> str:
    """As the picture is, between the middles of the pixels (as torch does without aligned corners)."""
    count = after.add("Gather", after.add("Shape", planes), after.constant([0, 1]), axis=0)
    sides = after.add("Gather", after.add("Shape", picture), after.constant([1, 2]), axis=0)
    nothing = "" if opset > 12 else after.constant(np.empty(0, np.float32))
    sizes = after.add("Concat", count, sides, axis=0)
    return after.add("Resize", planes, nothing, nothing, sizes, mode="linear",
                     coordinate_transformation_mode="half_pixel")
