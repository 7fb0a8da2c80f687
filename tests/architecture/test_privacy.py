"""Nothing is told to anybody outside, and no id of the machine is left behind."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Those of a CI would keep onnxruntime quiet by themselves.
KEPT = ("PATH", "LD_LIBRARY_PATH")
LOADED = """
import onnx
from onnx import TensorProto, helper
from {module} import {name}
import onnxruntime
graph = helper.make_graph([helper.make_node("Identity", ["a"], ["b"])], "g",
    *([helper.make_tensor_value_info(name, TensorProto.FLOAT, [1])] for name in "ab"))
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
"""


@pytest.mark.parametrize(("module", "name"), [
    ("adapters.onnx.session", "open_session"), ("adapters.catboost.pixels.extractor", "FeatureExtractor"),
    ("entrypoints.wiring.container", "make_container")])
def test_onnxruntime_leaves_no_trace(tmp_path, module, name):
    environment = {key: os.environ[key] for key in KEPT if key in os.environ} | {"HOME": str(tmp_path)}
    code = LOADED.format(module=module, name=name)
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
    assert [path for path in tmp_path.rglob("*") if "onnxruntime" in str(path).lower()] == []
