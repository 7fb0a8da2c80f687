"""What runs of onnxruntime take is one store of the process, and goes back to the system."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import psutil
from onnx import TensorProto

from adapters.onnx import shared_memory
from adapters.onnx.session import open_session

ROOT = Path(__file__).parents[2]
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
    kept = resident() - before
    assert TAKEN_BYTES * 0.9 < kept < TAKEN_BYTES * 2.5, "one store of all, not one of each"
    shared_memory.give_back()
    assert resident() - before < TAKEN_BYTES / 10


def test_a_process_has_one_store_however_many_threads_open_sessions_first() -> None:
    program = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from adapters.onnx import shared_memory
from tests.adapters.test_shared_memory import open_session, wide_model
barrier = Barrier(8)
def work(number):
    barrier.wait()
    shared_memory.give_back() if number % 2 else open_session(wide_model(4000), 1)
with ThreadPoolExecutor(8) as pool:
    list(pool.map(work, range(8)))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
