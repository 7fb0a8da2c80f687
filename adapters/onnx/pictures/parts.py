"""A model file of pictures, cut at `levels`, all that a pixel's answer takes from the whole picture."""
from __future__ import annotations

from onnx.utils import Extractor

from adapters.onnx.session import read_proto

CUT = "levels"


def levels_part(model: bytes) -> bytes:
    """The graph from the pixels to `levels`."""
    proto = read_proto(model)
    return bytes(Extractor(proto).extract_model([proto.graph.input[0].name], [CUT]).SerializeToString())


def answers_part(model: bytes) -> bytes:
    """The graph with `levels` as a second input, in place of what it would compute itself."""
    proto = read_proto(model)
    for node in proto.graph.node:
        if CUT in node.output:
            node.output[list(node.output).index(CUT)] = f"{CUT} of this part"
    proto.graph.input.append(next(value for value in proto.graph.value_info if value.name == CUT))
    return bytes(proto.SerializeToString())
