"""Where a model comes from: what is written into its file."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from domain.experiment import Experiment, Metrics

# What stands for a commit that is not known.
UNKNOWN_COMMIT = "unknown"
_NOT_TOLD = "whoever asked for the training did not know it"

# All that the artifact store has lies under these.
ARTIFACT_FOLDERS = ("experiments", "pictures")


def experiment_folder(experiment_id: int) -> str:
    """Where the artifact store keeps what an experiment left."""
    return f"experiments/{experiment_id}"


def model_path(experiment_id: int) -> str:
    """Where the artifact store keeps an experiment's model file."""
    return f"{experiment_folder(experiment_id)}/model.onnx"


def digest_path(experiment_id: int) -> str:
    """Where it keeps the SHA-256 of the model file, in the form of sha256sum."""
    return f"{model_path(experiment_id)}.sha256"


def digest_line(model: bytes) -> bytes:
    return f"{hashlib.sha256(model).hexdigest()}  model.onnx\n".encode()


def judged_path(experiment_id: int) -> str:
    """Where it keeps the model to judge the experiment by, if that is another."""
    return f"experiments/{experiment_id}/judged.onnx"


def stamp(experiment: Experiment, metrics: Metrics, saved_at: datetime, commit_reason: str = "") -> dict[str, str]:
    """What tells this experiment's file from another's, beside what the graph's maker wrote (task, labels, signature).

    An experiment without an id was run by hand from the pipeline; its file says so by an empty one. commit_reason: why
    the commit is unknown, where it is.
    """
    return {
        "commit_hash": experiment.commit_hash,
        "commit_reason": (commit_reason or _NOT_TOLD) if experiment.commit_hash == UNKNOWN_COMMIT else "",
        "dataset_version": str(experiment.dataset_version),
        "experiment_id": str(experiment.id or ""),
        "experiment_name": experiment.name,
        "metrics": json.dumps({part: dict(values) for part, values in metrics.items()}, sort_keys=True),
        "saved_at": saved_at.isoformat(timespec="seconds"),
        "schema_version": str(experiment.schema_version),
    }


def schema_version(metadata: Mapping[str, str]) -> int:
    """Of the task that a file's model was trained with; a file that does not say is older than the first change."""
    return _version(metadata, "schema_version")


def dataset_version(metadata: Mapping[str, str]) -> int:
    """Of the rows that a file's model was trained with; 1 of a file that does not say."""
    return _version(metadata, "dataset_version")


def _version(metadata: Mapping[str, str], name: str) -> int:
    text = metadata.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 1
