"""What a graph says of its inputs and outputs."""
from __future__ import annotations

from dataclasses import dataclass

from onnx import GraphProto, TensorProto, ValueInfoProto

from adapters.onnx.foreign.reading import strip

FLOATS = frozenset({TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16})
WHOLE = frozenset({TensorProto.INT64, TensorProto.INT32, TensorProto.INT16, TensorProto.INT8, TensorProto.UINT8,
                   TensorProto.BOOL})


@dataclass(frozen=True, slots=True)
class Tensor:
    """name: in the graph. said: as its maker named it. kind: of its elements, as TensorProto counts them; 0 for what is
    no tensor. shape: None where nothing is said of it, with None for each dimension that may be any."""

    name: str
    said: str
    kind: int
    shape: tuple[int | None, ...] | None

    @property
    def rank(self) -> int | None:
        return None if self.shape is None else len(self.shape)

    @property
    def width(self) -> int | None:
        """Columns; one of a tensor of one dimension, None if any number fits."""
        if self.shape is None:
            return None
        return 1 if len(self.shape) < 2 else self.shape[1]

    @property
    def batch(self) -> int | None:
        """Rows, where it takes no other number of them."""
        return self.shape[0] if self.shape else None


def inputs_of(graph: GraphProto) -> list[Tensor]:
    """Those that have to be given."""
    given = {tensor.name for tensor in graph.initializer}
    return [_tensor(info) for info in graph.input if info.name not in given]


def outputs_of(graph: GraphProto) -> list[Tensor]:
    return [_tensor(info) for info in graph.output]


def _tensor(info: ValueInfoProto) -> Tensor:
    if info.type.WhichOneof("value") != "tensor_type":
        return Tensor(info.name, strip(info.name), 0, None)
    kind = info.type.tensor_type
    shape = tuple(size.dim_value if size.HasField("dim_value") and size.dim_value > 0 else None
                  for size in kind.shape.dim) if kind.HasField("shape") else None
    return Tensor(info.name, strip(info.name), kind.elem_type, shape)
