"""What runs of onnxruntime take goes back to the system."""
from __future__ import annotations

import numpy as np
import onnx
import psutil
from onnx import TensorProto

from adapters.onnx.session import open_session

TAKEN_BYTES = 256 << 20


def wide_model(bytes_taken: int) -> bytes:
    """One number in; on the way to one number out, as many bytes of them."""
    x, y = (onnx.helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    nodes = [onnx.helper.make_node("Expand", ["x", "size"], ["wide"]),
             onnx.helper.make_node("ReduceMean", ["wide"], ["y"], axes=[0])]
    size = onnx.numpy_helper.from_array(np.array([bytes_taken // 4]), "size")
    graph = onnx.helper.make_graph(nodes, "wide", [x], [y], [size])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


def resident() -> int:
    return int(psutil.Process().memory_info().rss)


def test_what_many_models_took_is_given_back() -> None:
    sessions = [open_session(wide_model(TAKEN_BYTES), 1) for _ in range(4)]
    before = resident()
    for session in sessions:
        assert session.run(None, {"x": np.ones(1, np.float32)})[0] == [1.0]
    assert resident() - before < TAKEN_BYTES / 10
