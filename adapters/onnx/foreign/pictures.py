"""Rules by which the picture of a task becomes the input that a foreign graph takes."""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from onnx import TensorProto

from adapters.onnx.foreign import resizing
from adapters.onnx.foreign.faults import Faults
from adapters.onnx.foreign.nodes import Nodes
from adapters.onnx.foreign.picture_nodes import give_picture
from adapters.onnx.foreign.tensors import FLOATS, Tensor
from domain.model_mapping import ModelMapping
from domain.picture_mapping import ANY_SIZE, PictureMapping
from domain.schema import Column

# What holds the values of pixels as files have them.
PIXELS = frozenset({TensorProto.UINT8, TensorProto.UINT16, TensorProto.INT32, TensorProto.INT64})
_NCHW, _NHWC, _GREY, _RGB = "NCHW", "NHWC", "GREY", "RGB"
_SCALES = "1/255 if the model takes 0 to 1, 1 if it takes 0 to 255"


class _Form(NamedTuple):
    """Of an input. channels, sides: None where any number fits."""

    layout: str
    channels: int | None
    sides: tuple[int | None, int | None]


class PictureRules:
    """As InputRules. column: of the pictures."""

    def __init__(self, column: Column, mapping: ModelMapping, before: Nodes, opset: int, faults: Faults,
                 notes: list[str]) -> None:
        self._column, self._mapping, self._before, self._opset = column, mapping, before, opset
        self._said = mapping.picture or PictureMapping()
        self._faults, self._notes = faults, notes

    def wire(self, inputs: Sequence[Tensor]) -> tuple[dict[str, str], PictureMapping]:
        """Returns: name of the input in the graph -> the tensor that is to go there; and how the picture was
        understood."""
        for key in ("inputs", "missing"):
            if getattr(self._mapping, key):
                self._faults.add(key, "is for tables: of pictures say picture")
        if self._opset < resizing.OLDEST:
            self._faults.add("file", f"is of opset {self._opset}; export models of pictures with {resizing.OLDEST} or "
                                     "newer")
        if len(inputs) > 1:
            self._faults.add("file", f"takes {len(inputs)} inputs ({', '.join(each.said for each in inputs)}), and a "
                                     "picture is one")
        if len(inputs) != 1 or (form := self._form(inputs[0])) is None:
            return {}, self._said
        understood = self._understood(inputs[0], form)
        return {inputs[0].name: give_picture(self._before, self._column, inputs[0].kind, understood)}, understood

    def _form(self, tensor: Tensor) -> _Form | None:
        where = f"input {tensor.said}"
        if tensor.kind not in FLOATS | PIXELS:
            self._faults.add(where, "is no tensor of numbers that a picture could be (floats, uint8, uint16, int32, "
                                    "int64)")
        if tensor.rank not in (None, 4):
            self._faults.add(where, f"has {tensor.rank} dimensions; pictures have four, {_NCHW} or {_NHWC}")
            return None
        shape = tensor.shape or (None,) * 4
        layout = self._said.layout or self._found_layout(shape)
        if layout is None:
            self._faults.add("picture.layout", f"is in doubt, as {tensor.said} is {_shown(shape)}: say {_NCHW} or "
                                               f"{_NHWC}")
            return None
        _, *rest = shape
        channels, *sides = rest if layout == _NCHW else (rest[2], rest[0], rest[1])
        return _Form(layout, channels, (sides[0], sides[1]))

    def _found_layout(self, shape: Sequence[int | None]) -> str | None:
        """None where both ends, or neither, could be the colours."""
        first, last = shape[1] in (1, 3), shape[3] in (1, 3)
        if first == last:
            return None
        layout = _NCHW if first else _NHWC
        self._notes.append(f"the layout is taken for {layout}, as the input is {_shown(shape)}")
        return layout

    def _understood(self, tensor: Tensor, form: _Form) -> PictureMapping:
        is_float = tensor.kind in FLOATS
        colours = self._colours(form)
        scale, mean, std = self._numbers(tensor, 1 if colours == _GREY else 3) if is_float else self._plain(tensor)
        return PictureMapping(form.layout, self._size(form), scale, mean, std, colours)

    def _colours(self, form: _Form) -> str:
        said = self._said.colours
        if form.channels not in (None, 1, 3):
            self._faults.add("picture.layout", f"a picture of {form.channels} colours is not known: 1 or 3 are")
        elif said is not None and form.channels is not None and (said == _GREY) != (form.channels == 1):
            self._faults.add("picture.colours", f"{said} has another number of colours than the {form.channels} of the "
                                                "input")
        if said is None:
            said = _GREY if form.channels == 1 else _RGB
            self._notes.append(f"the colours are taken for {said}")
        return said

    def _size(self, form: _Form) -> tuple[int, int] | str:
        height, width = form.sides
        said = self._said.size
        if isinstance(said, tuple):
            if any(side not in (None, wanted) for side, wanted in zip(form.sides, said, strict=True)):
                self._faults.add("picture.size", f"is {said[0]} x {said[1]}, and the input takes "
                                                 f"{height or 'any'} x {width or 'any'}")
            return said
        if height is not None and width is not None:
            if said is None:
                self._notes.append(f"pictures are made {height} pixels high and {width} wide, whole, by a mean of what "
                                   "falls together (bilinear with antialiasing)")
            else:
                self._faults.add("picture.size", f"is said to be any, and the input takes {height} x {width}")
            return height, width
        if height is not None or width is not None:
            self._faults.add("picture.size", f"is in doubt, as the input takes {height or 'any'} x {width or 'any'}: "
                                             "say [height, width]")
        elif said is None:
            self._notes.append("the model takes pictures of any size, and they go in as large as they come; if it "
                               "learned from one size, say picture.size: [height, width]")
        return ANY_SIZE

    def _numbers(self, tensor: Tensor, channels: int
                 ) -> tuple[float | None, tuple[float, ...] | None, tuple[float, ...] | None]:
        said = self._said
        if said.scale is None:
            self._faults.add("picture.scale", f"is in doubt, as {tensor.said} takes floats: say {_SCALES}; and mean "
                                              "and std, if it was trained with them")
        for key, values in (("mean", said.mean), ("std", said.std)):
            if values is not None and len(values) not in (0, 1, channels):
                self._faults.add(f"picture.{key}", f"has {len(values)} numbers for {channels} colours")
        if said.mean is None and said.std is None:
            self._notes.append("no mean is taken off, and nothing is divided by a deviation: if the model was trained "
                               "so, say picture.mean and picture.std")
        return said.scale, said.mean or (), said.std or ()

    def _plain(self, tensor: Tensor) -> tuple[float | None, tuple[float, ...] | None, tuple[float, ...] | None]:
        """Values as files have them."""
        for key in ("scale", "mean", "std"):
            if getattr(self._said, key):
                self._faults.add(f"picture.{key}", f"{tensor.said} takes whole numbers, so the values of pixels go in "
                                                   "as they are")
        if tensor.kind == TensorProto.UINT8 and self._column.bits > 8:
            self._faults.add(f"input {tensor.said}", f"takes 8 bits, and the task's pictures have {self._column.bits}")
        return None, None, None


def _shown(shape: Sequence[int | None]) -> str:
    return f"[{', '.join('any' if side is None else str(side) for side in shape)}]"
