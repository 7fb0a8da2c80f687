"""Metrics that cannot be had of some rows: named, with the reason, so that nobody takes their absence for a zero."""
from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from domain.kinds import RULES

_NO_POSITIVE = "no row has the positive label"
_REASONS: Mapping[str, str] = MappingProxyType({
    "auc": "all rows have the same label, and it compares rows of both", "average_precision": _NO_POSITIVE,
    "recall": _NO_POSITIVE, "precision": "no row is answered with the positive label",
    "f1": "no row has the positive label, and none is answered with it",
    "r2": "all rows have the same target, so there is no spread to explain",
})


def complete(values: Mapping[str, float], problem: Collection[str] | None = None) -> dict[str, float | None]:
    """The same metrics with None for each that their problem has and these rows have not. problem: the metrics of it;
    found by the names if left out."""
    names = problem if problem is not None else _problem_of(values)
    return dict(values) if not values else {name: values.get(name) for name in (*names, *(values.keys() - set(names)))}


def reasons(values: Mapping[str, float | None]) -> dict[str, str]:
    """metric -> why it is None."""
    return {name: _REASONS.get(name, "it has no value for these rows") for name, value in values.items()
            if value is None}


def _problem_of(values: Mapping[str, float]) -> Collection[str]:
    return next((rules.metrics for rules in RULES.values() if values.keys() <= set(rules.metrics)), ())
