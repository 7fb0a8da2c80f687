"""Words that the service chooses from."""
from __future__ import annotations

from typing import Literal

Act = Literal[
    "data added", "data undone", "deployed", "experiment changed", "experiment deleted", "key created", "key revoked",
    "labels added", "model imported", "rolled back", "rollout aborted", "rollout begun", "rollout promoted",
    "task changed", "task created", "task deleted", "training cancelled", "training queued"]
Archived = Literal["all", "no", "only"]
Certainty = Literal["likely", "sure", "unsure"]
ColumnType = Literal["boolean", "category", "datetime", "mask", "number", "picture", "text"]
Drawn = Literal["picture", "mask"]
Kind = Literal["image", "tabular"]
Last = Literal["24h", "7d", "30d"]
Origin = Literal["imported", "trained"]
ParameterType = Literal["boolean", "integer", "number", "text", "weights"]
Problem = Literal["binary", "multiclass", "regression", "segmentation"]
Right = Literal["admin", "data", "deploy", "predict", "read", "train"]
Role = Literal["feature", "ignored", "split", "target"]
RolloutRole = Literal["canary", "shadow"]
Status = Literal["cancelled", "failed", "queued", "running", "succeeded"]
Verdict = Literal["better", "unclear", "worse"]
