"""The lines of Python that run an experiment's model file, made of its inputs."""
from __future__ import annotations

from entrypoints.admin.api.experiments import ExperimentBody
from entrypoints.admin.api.tasks import TaskBody

_ARRAYS = frozenset({"picture", "mask"})


def snippet(task: TaskBody, experiment: ExperimentBody) -> str:
    """Empty where there is no model, where the task has been redefined since its training, and of pictures, whose size
    is for the caller to choose."""
    features = [column for column in task["columns"] if column.get("role", "feature") == "feature"]
    if experiment["status"] != "succeeded" or experiment["schema_version"] != task["schema_version"] or any(
            column["type"] in _ARRAYS for column in features):
        return ""
    lines = [f"    {column['name']!r}: {_cell(column['type'])}," for column in features]
    outputs = ["prediction"] if task["problem"] == "regression" else ["prediction", "probabilities"]
    return "\n".join([
        "import numpy as np", "import onnxruntime", "", 'session = onnxruntime.InferenceSession("model.onnx")',
        "# [rows, 1] each; a missing number is NaN, a missing text is empty.", "feed = {", *lines, "}",
        f"{', '.join(outputs)}{',' * (len(outputs) == 1)} = session.run({outputs!r}, feed)", "print(prediction)"])


def _cell(kind: str) -> str:
    return "np.array([[np.nan]], np.float32)" if kind == "number" else 'np.array([[""]], object)'
