"""Which of the models beside each other answers."""
from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from application.ports.serving_models import ServedModel, UnknownVersion
from domain.rollout import RolloutRole


def of_version(served: ServedModel, version: int) -> ServedModel:
    """What serves, or the candidate beside it. version: its experiment. Raises: UnknownVersion."""
    if version == served.experiment_id:
        return served
    beside = served.candidate
    if beside is not None and version == beside.rollout.experiment_id:
        return beside.model
    loaded = f"{served.experiment_id} is" if beside is None else (
        f"{served.experiment_id} and {beside.rollout.experiment_id} are")
    raise UnknownVersion(f"version {version} of {served.task.name} is not loaded; {loaded}")


def who_may_answer(served: ServedModel) -> Sequence[ServedModel]:
    """What serves, and a canary beside it."""
    candidate = served.candidate
    if candidate is None or candidate.rollout.role is not RolloutRole.CANARY:
        return (served,)
    return served, candidate.model


def in_turn(served: ServedModel, key: str | None) -> ServedModel:
    """The canary where it takes this key; what serves for all others, and for whoever has none."""
    candidate = served.candidate
    if candidate is None or candidate.rollout.role is not RolloutRole.CANARY or key is None:
        return served
    return candidate.model if candidate.rollout.takes(key) else served


def key_of(cell: float | str) -> str | None:
    """What a coerced cell decides by; None for a missing one."""
    if isinstance(cell, str):
        return cell or None
    # A tensor brings it as a 32-bit float, JSON does not; both are the same number.
    return None if math.isnan(cell) else repr(float(np.float32(cell)))
