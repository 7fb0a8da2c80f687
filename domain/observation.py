"""What was seen of a model that serves: how far its rows are from training, and how good its answers were."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.drift import Drift, read_histogram

# Those who look at the same models are apart by seconds; a time further ahead was told by a clock that was wrong.
_AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ObservedModel:
    """n_rows: that were looked at, the newest of the window. n_labelled: rows whose label is known, of the same window.
    drift: by feature; empty where there were too few rows. quality: over the rows whose label is known."""

    task: str
    experiment_id: int
    at: datetime
    n_rows: int = 0
    n_labelled: int = 0
    drift: Mapping[str, Drift] = field(default_factory=dict)
    quality: Mapping[str, float] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        """All but task, experiment and time, as what JSON can hold."""
        return {"n_rows": self.n_rows, "n_labelled": self.n_labelled, "quality": dict(self.quality),
                "drift": {name: asdict(item) for name, item in self.drift.items()}}


def replaces(at: datetime, before: datetime) -> bool:
    """May what was seen at one time stand in the place of what was seen at another?"""
    return not timedelta(0) < before - at <= _AHEAD


def read_observed(task: str, experiment_id: int, at: datetime, document: Mapping[str, Any]) -> ObservedModel:
    """What `to_document` wrote, before or after JSON."""
    drift = {name: Drift(**{**item, "reference": read_histogram(item["reference"]), "current": tuple(item["current"])})
             for name, item in document["drift"].items()}
    return ObservedModel(task, experiment_id, at, document["n_rows"], document["n_labelled"], drift,
                         document["quality"])
