"""The files that make `model.onnx` a model of MLflow's flavour ONNX
(https://mlflow.org/docs/latest/ml/model/#storage-format)."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

MODEL = "model"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """files: by name, beside model.onnx. described: as MLflow keeps it with the run, JSON."""

    files: Mapping[str, bytes]
    described: str


def model_folder(run_id: str, made_at: datetime) -> ModelFolder:
    needs = [f"{name}=={version(name)}" for name in ("onnx", "onnxruntime", "numpy")]
    described = {
        "artifact_path": MODEL, "run_id": run_id, "model_uuid": run_id,
        "utc_time_created": made_at.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "flavors": {
            "onnx": {"code": None, "data": "model.onnx", "onnx_version": version("onnx"),
                     "providers": ["CPUExecutionProvider"], "onnx_session_options": None},
            "python_function": {"loader_module": "mlflow.onnx", "data": "model.onnx",
                                "env": {"virtualenv": "python_env.yaml"}}}}
    # JSON is YAML too.
    return ModelFolder({
        "MLmodel": json.dumps(described, indent=1).encode(),
        "requirements.txt": "\n".join(["mlflow", *needs, ""]).encode(),
        "python_env.yaml": json.dumps({"dependencies": ["-r requirements.txt"]}).encode()}, json.dumps(described))
