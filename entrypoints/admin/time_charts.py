"""Drawings over time: lines with gaps where nothing is known, and what happened in between."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from entrypoints.admin import charts
from entrypoints.admin.charts import Axis, Chart, Dot, Line, Mark, Tick
from entrypoints.admin.language import Language

_MARK_ROOM = 26


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time. title: in words."""

    since: datetime
    until: datetime
    title: str

    @property
    def middle_s(self) -> float:
        return (self.since.timestamp() + self.until.timestamp()) / 2


@dataclass(frozen=True, slots=True)
class Value:
    """Of one span. low, high: of its interval."""

    value: float
    low: float | None = None
    high: float | None = None


# As many as there are spans, None where nothing is known.
Values = Sequence[Value | None]


def time_chart(_: Language, title: str, spans: Sequence[Span], series: Mapping[str, Values], y_label: str, *,
               ticks: Sequence[tuple[datetime, str]], happened: Sequence[tuple[datetime, str, str]] = (),
               levels: Sequence[tuple[float, str]] = (), from_zero: bool = True, digits: int | None = None
               ) -> Chart | None:
    """None where there is nothing to draw. happened: when, in short, and in words. levels: values to compare with.
    digits: of the values in words, as many as they need if None."""
    kept = {name: values for name, values in series.items() if any(values)}
    if not kept:
        return None
    named = len(kept) > 1
    longest = max(map(len, kept))
    right = charts.WIDTH - (charts.RIGHT_NAMED + charts.CHAR * min(longest, charts.NAME_CHARS) if named
                            else charts.RIGHT_PLAIN)
    x_axis = Axis(spans[0].since.timestamp(), spans[-1].until.timestamp(), charts.LEFT, right)
    y_axis = Axis(*_reach(kept, levels, from_zero), charts.HEIGHT - charts.BOTTOM, charts.TOP)
    lines = [_line(_, name, number % charts.COLOURS, spans, values, x_axis, y_axis, digits)
             for number, (name, values) in enumerate(kept.items())]
    return Chart(
        title, _described(_, kept, y_label, digits), _("time, UTC"), y_label,
        [Tick(x_axis.at(moment.timestamp()), text) for moment, text in ticks], y_axis.ticks(_),
        charts.names_apart(lines) if named else lines, charts.LEFT, right, charts.TOP, charts.HEIGHT - charts.BOTTOM,
        uprights=_uprights(x_axis, happened),
        levels=[Mark(y_axis.at(value), "", words) for value, words in levels if y_axis.low <= value <= y_axis.high])


def _reach(series: Mapping[str, Values], levels: Sequence[tuple[float, str]], from_zero: bool) -> tuple[float, float]:
    found = [number for values in series.values() for value in values if value
             for number in (value.value, value.low, value.high) if number is not None]
    # A level far above the values would press them flat.
    near = [value for value, _ in levels if not from_zero or value <= 2 * max(found)]
    low, high = min(*found, *near, *([0.0] if from_zero else found)), max(*found, *near, *found)
    return (low, high) if low < high else (low, low + 1) if from_zero else (low - 0.5, high + 0.5)


def _line(_: Language, name: str, colour: int, spans: Sequence[Span], values: Values, x_axis: Axis, y_axis: Axis,
          digits: int | None) -> Line:
    runs = _runs(spans, values)
    placed = [[(x_axis.at(span.middle_s), y_axis.at(value.value)) for span, value in run] for run in runs]
    dots = [Dot(x, y, f"{name}, {span.title}: {said(_, value, digits)}", len(run) == 1)
            for run, places in zip(runs, placed, strict=True)
            for (span, value), (x, y) in zip(run, places, strict=True)]
    return Line(name, colour, "".join(map(charts.path_of, placed)), dots, placed[-1][-1][1],
                "".join(_band(run, x_axis, y_axis) for run in runs))


def _runs(spans: Sequence[Span], values: Values) -> list[list[tuple[Span, Value]]]:
    """Neighbours of which something is known."""
    pairs = groupby(zip(spans, values, strict=True), key=lambda pair: pair[1] is not None)
    return [[(span, value) for span, value in run if value] for known, run in pairs if known]


def _band(run: Sequence[tuple[Span, Value]], x_axis: Axis, y_axis: Axis) -> str:
    """Around the neighbours that have intervals."""
    outlines = []
    for known, pairs in groupby(run, key=lambda pair: pair[1].low is not None):
        places = [(x_axis.at(span.middle_s), y_axis.at(value.low or 0), y_axis.at(value.high or 0))
                  for span, value in pairs]
        if known:
            places = places if len(places) > 1 else [(x + apart, low, high) for x, low, high in places
                                                     for apart in (-2, 2)]
            outlines.append(charts.path_of([(x, high) for x, _, high in places] + [
                (x, low) for x, low, _ in reversed(places)]) + "Z")
    return "".join(outlines)


def said(_: Language, value: Value | None, digits: int | None = None) -> str:
    """With its interval, where it has one."""
    if value is None:
        return ""
    texts = [_.short(number) if digits is None else _.number(number, digits)
             for number in (value.value, value.low, value.high) if number is not None]
    return texts[0] if len(texts) < 3 else f"{texts[0]} ({texts[1]} … {texts[2]})"


def _uprights(x_axis: Axis, happened: Sequence[tuple[datetime, str, str]]) -> list[Mark]:
    marks: list[Mark] = []
    free_from = 0.0
    for moment, short, words in happened:
        at = x_axis.at(moment.timestamp())
        marks.append(Mark(at, short if at >= free_from else "", words))
        free_from = at + _MARK_ROOM if at >= free_from else free_from
    return marks


def _described(_: Language, series: Mapping[str, Values], y_label: str, digits: int | None) -> str:
    return "; ".join(_("%(name)s, %(y)s: from %(least)s to %(most)s, last %(last)s", name=name, y=y_label,
                       least=said(_, Value(min(numbers)), digits), most=said(_, Value(max(numbers)), digits),
                       last=said(_, Value(numbers[-1]), digits))
                     for name, values in series.items() if (numbers := [value.value for value in values if value]))
