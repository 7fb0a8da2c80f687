"""The memory that runs of onnxruntime take, of all sessions of the process together.

onnxruntime keeps what a run took for the next one. With a store for each session, the largest run of every model would
stay in memory; so all draw on one, and what it holds is given back after runs that take much.
"""
from __future__ import annotations

from functools import cache
from threading import Lock

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto

_making = Lock()


def options() -> onnxruntime.SessionOptions:
    """For a session that draws on the common store. Thread-safe: yes."""
    with _making:
        _make_store()
    return _options()


def give_back() -> None:
    """The system has back what neither a run nor an answer that is still held lies in. For runs that take much that is
    no slower than to keep it, as a store that grows takes twice as much each time. Thread-safe: yes."""
    with _making:
        session = _nothing()
    session.run(None, {"x": np.empty(0, np.float32)}, _shrinking())


@cache
def _make_store() -> None:
    """A process can have it once."""
    place = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT)
    onnxruntime.create_and_register_allocator(place, onnxruntime.OrtArenaCfg(0, -1, -1, -1))


def _options() -> onnxruntime.SessionOptions:
    made = onnxruntime.SessionOptions()
    made.add_session_config_entry("session.use_env_allocators", "1")
    # What models hold for good lies elsewhere: one weight amid what runs take keeps all around it.
    made.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    return made


def _shrinking() -> onnxruntime.RunOptions:
    made = onnxruntime.RunOptions()
    made.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return made


@cache
def _nothing() -> onnxruntime.InferenceSession:
    """There is no call for it: the store is gone through at the end of a run that asks for it."""
    _make_store()
    x, y = (onnx.helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N"]) for name in "xy")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["x"], ["y"])], "nothing", [x], [y])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    made = _options()
    made.intra_op_num_threads = made.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), made, providers=["CPUExecutionProvider"])
