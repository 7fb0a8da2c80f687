"""Where a model of two labels decides: the point on its curves, and what other thresholds would give."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrypoints.admin.api.shapes import Json
from entrypoints.admin.language import NOTHING, Language

# Answers are positive above it.
DECISION = 0.5
_METRICS = ("precision", "recall", "f1", "fpr")


@dataclass(frozen=True, slots=True)
class Decided:
    """Of the held-out rows at the threshold of the model. None where it has no value."""

    precision: float | None
    recall: float | None
    fpr: float | None


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """One threshold, in words. decides: the model itself decides by it."""

    threshold: str
    values: Sequence[str]
    decides: bool


def decided(rows: Sequence[Json]) -> Decided | None:
    """rows: the counts of a confusion of two labels, the positive one last; None of others.

    Raises: what reading rows of another shape raises.
    """
    labels = list(dict.fromkeys(str(row["actual"]) for row in rows))
    if len(labels) != 2:
        return None
    counts = {(str(row["actual"]), str(row["predicted"])): int(row["count"]) for row in rows}
    negative, positive = labels
    hits, misses = counts[positive, positive], counts[positive, negative]
    alarms, rest = counts[negative, positive], counts[negative, negative]
    return Decided(_share(hits, hits + alarms), _share(hits, hits + misses), _share(alarms, alarms + rest))


def said(_: Language, found: Decided) -> str:
    return _("decides at %(threshold)s: precision %(precision)s, recall %(recall)s, FPR %(fpr)s",
             threshold=_.short(DECISION), precision=_.number(found.precision, 3), recall=_.number(found.recall, 3),
             fpr=_.number(found.fpr, 3))


def table(_: Language, rows: Sequence[Json]) -> list[ThresholdRow]:
    """Raises: what reading rows of another shape raises."""
    by_threshold: dict[float, dict[str, float]] = {}
    for row in rows:
        by_threshold.setdefault(float(row["threshold"]), {})[str(row["metric"])] = float(row["value"])
    return [ThresholdRow(_.short(threshold), [_.number(found[name], 3) if name in found else NOTHING
                                              for name in _METRICS], threshold == DECISION)
            for threshold, found in sorted(by_threshold.items())]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
