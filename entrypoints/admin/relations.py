"""Parameters of many experiments against what came of them, as the geometry of a drawing."""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from domain.scoring import LARGER_IS_BETTER
from entrypoints.admin import metrics
from entrypoints.admin.api.experiments import ExperimentBody
from entrypoints.admin.charts import HEIGHT, WIDTH, Axis, Chart, Dot, Line, Tick
from entrypoints.admin.experiments import value_text
from entrypoints.admin.language import Language

MOST_DOTS, MOST_LINES, MOST_AXES, MOST_WORDS = 400, 200, 8, 12
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 14, 22, 36
PARALLEL_WIDTH, PARALLEL_HEIGHT, _EDGE, _HEAD, _FOOT = 900, 320, 60, 44, 20
_BEST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Upright:
    """An axis of parallel coordinates. name_y: names of neighbours stand at two heights, so that long ones fit."""

    name: str
    x: float
    name_y: float
    ticks: Sequence[Tick]


@dataclass(frozen=True, slots=True)
class Strand:
    path: str
    title: str
    best: bool


@dataclass(frozen=True, slots=True)
class Parallel:
    axes: Sequence[Upright]
    strands: Sequence[Strand]
    description: str
    width: int = PARALLEL_WIDTH
    height: int = PARALLEL_HEIGHT
    top: int = _HEAD
    bottom: int = PARALLEL_HEIGHT - _FOOT


def differing(experiments: Sequence[ExperimentBody], names: Sequence[str]) -> list[str]:
    """Of the parameters those that have several values among these experiments."""
    found = [name.removeprefix("params.") for name in names if name.startswith("params.")]
    return [name for name in found if len({str(one["params"].get(name)) for one in experiments
                                           if name in one["params"]}) > 1]


def numeric(experiments: Sequence[ExperimentBody], name: str) -> bool:
    return all(_number(one["params"][name]) is not None for one in experiments if name in one["params"])


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def scatter(_: Language, experiments: Sequence[ExperimentBody], x: str, y: str) -> Chart | None:
    """x: a parameter that is a number. y: a metric of the test rows. The first MOST_DOTS of those that have both."""
    found = [(one, across, up) for one in experiments
             if (across := _number(one["params"].get(x))) is not None
             and (up := _number(metrics.value_of(one, y))) is not None][:MOST_DOTS]
    if len(found) < 2:
        return None
    x_axis = Axis(*_span([across for _one, across, _up in found]), _LEFT, WIDTH - _RIGHT)
    y_axis = Axis(*_span([up for _one, _across, up in found]), HEIGHT - _BOTTOM, _TOP)
    dots = [Dot(x_axis.at(across), y_axis.at(up), _("experiment %(id)s: %(x)s %(across)s, %(y)s %(up)s",
            id=one["experiment_id"], x=x, across=_.short(across), y=y, up=metrics.figure(_, up)))
            for one, across, up in found]
    title = _("%(y)s by %(x)s", y=y, x=x)
    return Chart(title, _("%(title)s of %(count)s experiments", title=title, count=len(dots)), x, y, x_axis.ticks(_),
                 y_axis.ticks(_), [Line("", 0, "", dots, 0)], _LEFT, WIDTH - _RIGHT, _TOP, HEIGHT - _BOTTOM,
                 scattered=True)


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low - 0.5, high + 0.5) if low == high else (low, high)


def parallel(_: Language, experiments: Sequence[ExperimentBody], params: Sequence[str], y: str) -> Parallel | None:
    """One strand for each of the first MOST_LINES experiments that have all of it; the last axis is the metric."""
    params = list(params)[:MOST_AXES - 1]
    found = [one for one in experiments if all(name in one["params"] for name in params)
             and metrics.value_of(one, y) is not None][:MOST_LINES]
    if len(found) < 2 or not params:
        return None
    step = (PARALLEL_WIDTH - 2 * _EDGE) / len(params)
    columns = [[one["params"][name] for one in found] for name in params]
    outcomes = [metrics.value_of(one, y) for one in found]
    scales = [*(_scale(_, values) for values in columns), _scale(_, outcomes)]
    axes = [Upright(name, round(_EDGE + number * step, 1), _HEAD - 12 - 14 * (number % 2), scales[number][1])
            for number, name in enumerate([*params, y])]
    best = _best(outcomes, y)
    strands = [Strand("M" + "L".join(f"{axis.x:g} {scale[0][position]:g}" for axis, scale in zip(
        axes, scales, strict=True)), _told(_, one, params, y), position in best) for position, one in enumerate(found)]
    # The best are drawn last, above the others.
    return Parallel(axes, sorted(strands, key=lambda strand: strand.best), _(
        "%(count)s experiments over %(axes)s", count=len(strands), axes=", ".join([*params, y])))


def _scale(_: Language, values: Sequence[object]) -> tuple[list[float], list[Tick]]:
    """(where each value stands, what is written at the axis)."""
    numbers = [number for value in values if (number := _number(value)) is not None]
    if len(numbers) == len(values):
        axis = Axis(*_span(numbers), PARALLEL_HEIGHT - _FOOT, _HEAD)
        return [axis.at(number) for number in numbers], axis.ticks(_)
    texts = [value_text(_, value) for value in values]
    words = list(dict.fromkeys(texts))
    axis = Axis(-0.5, len(words) - 0.5, PARALLEL_HEIGHT - _FOOT, _HEAD)
    places = {word: axis.at(number) for number, word in enumerate(words)}
    shown = words if len(words) <= MOST_WORDS else []
    return [places[text] for text in texts], [Tick(places[word], word[:14]) for word in shown]


def _best(outcomes: Sequence[float | None], y: str) -> set[int]:
    """The best tenth, one at least; none where it is not known which way is better."""
    if y not in LARGER_IS_BETTER:
        return set()
    order = sorted(range(len(outcomes)), key=lambda position: outcomes[position] or 0.0, reverse=LARGER_IS_BETTER[y])
    return set(order[:max(1, round(len(outcomes) * _BEST_SHARE))])


def _told(_: Language, one: ExperimentBody, params: Sequence[str], y: str) -> str:
    said = [f"{name} {value_text(_, one['params'][name])}" for name in params]
    return f"{one['experiment_id']}: " + ", ".join([*said, f"{y} {metrics.figure(_, metrics.value_of(one, y))}"])
