"""Candidates beside what serves."""
from __future__ import annotations

from typing import TypedDict

from entrypoints.admin.api.experiments import DifferenceBody
from entrypoints.admin.api.watching import EstimateBody

RolloutBody = TypedDict("RolloutBody", {
    "task": str, "experiment_id": int, "as": str, "share": float, "by": str | None, "threshold": float | None,
    "generation": int, "serving_experiment_id": int, "since": str})


class SeenBody(TypedDict):
    rows: int
    labelled: int
    quality: dict[str, EstimateBody]


class RolloutStateBody(TypedDict):
    rollout: RolloutBody
    candidate: SeenBody
    serving: SeenBody
    pairs: int
    same: float | None
    apart: float | None
    differences: dict[str, DifferenceBody]


class RolloutsBody(TypedDict):
    rollouts: list[RolloutStateBody]
