"""Metrics side by side: which way is better, how many digits, and how far two are apart."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.kinds import MAIN_METRICS
from domain.scoring import LARGER_IS_BETTER
from entrypoints.admin.api.experiments import ComparisonBody, DifferenceBody, ExperimentBody
from entrypoints.admin.language import NOTHING, Language

PARTS = ("test", "valid", "train")
_SAME = 5e-5


@dataclass(frozen=True, slots=True)
class Difference:
    """arrow and words say what the colour says. verdict: good, bad or same. interval: in words, where it is known."""

    text: str
    arrow: str
    verdict: str
    words: str
    interval: str = ""


@dataclass(frozen=True, slots=True)
class MetricCell:
    text: str
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class MetricRow:
    """why: the reason why some cell has no value, empty where each has one."""

    name: str
    direction: str
    cells: Sequence[MetricCell]
    why: str = ""


def main_metric(problem: str) -> str:
    """Empty for a problem that is not known here."""
    return {str(known): metric for known, metric in MAIN_METRICS.items()}.get(problem, "")


def value_of(experiment: ExperimentBody, metric: str, part: str = "test") -> float | None:
    value = (experiment["metrics"].get(part) or {}).get(metric)
    return value if isinstance(value, (int, float)) else None


def digits(value: float | None) -> int:
    """Four after the point for a share, fewer for what is large."""
    if value is None or not math.isfinite(value) or abs(value) < 10:
        return 4
    return max(0, 4 - int(math.log10(abs(value))))


def figure(_: Language, value: float | None, precision: int | None = None) -> str:
    return _.number(value, digits(value) if precision is None else precision)


def difference(_: Language, metric: str, value: float | None, base: float | None) -> Difference | None:
    if value is None or base is None:
        return None
    precision = digits(max(abs(value), abs(base)))
    apart = value - base
    if abs(apart) < _SAME * 10 ** (4 - precision):
        return Difference(_.number(0.0, precision), "=", "same", _("no difference"))
    arrow = "▲" if apart > 0 else "▼"
    if metric not in LARGER_IS_BETTER:
        return Difference(_.signed(apart, precision), arrow, "same", "")
    better = (apart > 0) == LARGER_IS_BETTER[metric]
    words = _("better") if better else _("worse")
    return Difference(_.signed(apart, precision), arrow, "good" if better else "bad", words)


def judged(_: Language, compared: ComparisonBody) -> list[MetricRow]:
    """An experiment and what serves on the same rows, with what these show of each metric."""
    rows = table(_, [compared["metrics"], compared["serving_metrics"]], base=1)
    return [shown(_, row, 0, compared["differences"].get(row.name)) for row in rows]


def shown(_: Language, row: MetricRow, position: int, found: DifferenceBody | None) -> MetricRow:
    """What rows show of the difference in one cell. found: None where nothing is known of it, and then it is said to be
    neither better nor worse."""
    cells = list(row.cells)
    if (apart := cells[position].difference) is None:
        return row
    words = apart.words if apart.arrow == "=" else ""
    changed = _told(_, found) if found else replace(apart, verdict="same", words=words)
    cells[position] = replace(cells[position], difference=changed)
    return replace(row, cells=cells)


def _told(_: Language, found: DifferenceBody) -> Difference:
    """In the words of the API's verdict."""
    precision = digits(max(abs(found["low"]), abs(found["high"])))
    low, value, high = (_.signed(number, precision) for number in (found["low"], found["value"], found["high"]))
    interval = _("%(low)s to %(high)s", low=low, high=high)
    if found["verdict"] == "unclear":
        return Difference(value, "≈", "same", _("no difference that these rows can show"), interval)
    arrow, better = "▲" if found["value"] > 0 else "▼", found["verdict"] == "better"
    return Difference(value, arrow, "good" if better else "bad", _("better") if better else _("worse"), interval)


def table(_: Language, columns: Sequence[Mapping[str, float | None] | None], base: int | None = 0,
          compared: Sequence[int] | None = None) -> list[MetricRow]:
    """One row a metric, one cell a column; differences are against column `base`, None shows none. compared: the
    columns that have one, all others if left out."""
    names = list(dict.fromkeys(name for column in columns if column for name in column))
    shown = [] if base is None else [number for number in range(len(columns)) if number != base]
    chosen = frozenset(shown if compared is None else compared)
    return [replace(_row(_, name, [(column or {}).get(name) for column in columns], base, chosen),
                    why=_why(_, name) if any(column and column.get(name, 0) is None for column in columns) else "")
            for name in names]


def _why(_: Language, name: str) -> str:
    """Why a metric cannot be had of some rows."""
    return {
        "auc": _("no value: all rows have the same label"), "r2": _("no value: all rows have the same target"),
        "precision": _("no value: no row is answered with the positive label"),
    }.get(name, _("no value: no row has the positive label"))


def _row(_: Language, name: str, values: Sequence[float | None], base: int | None,
         compared: frozenset[int]) -> MetricRow:
    precision = digits(max((abs(value) for value in values if value is not None), default=None))
    against = None if base is None else values[base]
    cells = [MetricCell(
        _.number(value, precision) if value is not None else NOTHING,
        difference(_, name, value, against) if position in compared else None)
        for position, value in enumerate(values)]
    return MetricRow(name, _direction(_, name), cells)


def _direction(_: Language, name: str) -> str:
    if name not in LARGER_IS_BETTER:
        return ""
    return _("higher is better") if LARGER_IS_BETTER[name] else _("lower is better")
