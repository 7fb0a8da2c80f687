"""What the Prometheus exposition of the API tells: traffic, drift and live quality, since the service was started."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

# Siddiqi 2006: below 0.1 nothing has changed, above 0.25 much has.
DRIFT_SOME, DRIFT_MUCH = 0.1, 0.25


@dataclass
class Live:
    """Of one task. drift: (feature, PSI), the largest first. quality: (metric, value)."""

    requests: int = 0
    refused: int = 0
    failed: int = 0
    predictions: int = 0
    drift: list[tuple[str, float]] = field(default_factory=list)
    quality: list[tuple[str, float]] = field(default_factory=list)

    @property
    def worst_drift(self) -> tuple[str, float] | None:
        return self.drift[0] if self.drift else None


def live(text: str | None, task: str) -> Live | None:
    """None where there is no exposition, or none that can be read."""
    if text is None:
        return None
    found = Live()
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.labels.get("task") == task:
                    _take(found, sample.name, sample.labels, sample.value)
    except (ValueError, KeyError):
        return None
    found.drift.sort(key=lambda entry: -entry[1])
    return found


def _take(found: Live, name: str, labels: dict[str, str], value: float) -> None:
    if name == "progon_requests_total":
        found.requests += int(value)
        found.refused += int(value) if labels.get("status", "").startswith("4") else 0
        found.failed += int(value) if labels.get("status", "").startswith("5") else 0
    elif name == "progon_predictions_total":
        found.predictions += int(value)
    elif name == "progon_feature_drift" and value == value:
        found.drift.append((labels.get("feature", ""), value))
    elif name == "progon_live_quality" and value == value:
        found.quality.append((labels.get("metric", ""), value))


def drift_level(value: float) -> str:
    return "low" if value < DRIFT_SOME else "some" if value < DRIFT_MUCH else "much"


def widths(drift: Sequence[tuple[str, float]]) -> list[float]:
    """Of bars, in hundredths; the limit of much drift is always within sight."""
    longest = max([DRIFT_MUCH * 1.2, *(value for _, value in drift)])
    return [round(100 * value / longest, 1) for _, value in drift]
