"""What an input of pixels is to a task."""
from __future__ import annotations

import onnxruntime

from application.ports.model_runner import UnreadableModel
from domain.columns import ColumnType
from domain.schema import Column

PICTURE_BITS = {"tensor(uint8)": 8, "tensor(uint16)": 16}


def picture_column(tensor: onnxruntime.NodeArg) -> Column:
    """Raises: UnreadableModel."""
    channels = tensor.shape[3] if len(tensor.shape) == 4 else None
    if not isinstance(channels, int):
        raise UnreadableModel(f"the input {tensor.name} is not [N, height, width, channels]")
    return Column(tensor.name, ColumnType.PICTURE, channels=channels, bits=PICTURE_BITS[tensor.type])
