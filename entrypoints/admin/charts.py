"""Numbers as the geometry of a drawing; templates/charts.html writes it down as SVG. Units are those of the viewBox."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from entrypoints.admin.language import Language

Point = tuple[float, float]
WIDTH, HEIGHT = 420, 250
LEFT, TOP, BOTTOM = 48, 22, 36
RIGHT_PLAIN, RIGHT_NAMED, CHAR = 14, 26, 6.1
# Of the widest of the usual system fonts (DejaVu Sans).
_DIGIT = 7.0
NAME_CHARS, _NAME_HEIGHT = 16, 13
_DRAWN_POINTS, _HOVER_POINTS = 160, 24
# Circles of a scatter.
SCATTERED_POINTS = 400
COLOURS = 8


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """seen: not only where somebody points at it."""

    x: float
    y: float
    title: str
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """band: the outline of what lies around it."""

    name: str
    colour: int
    path: str
    dots: Sequence[Dot]
    name_y: float
    band: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the drawing, upright `at` a place of the x axis or level at one of the y axis. text: beside it,
    where there is room. title: what it says to whoever points at it."""

    at: float
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    description: str
    x_label: str
    y_label: str
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    lines: Sequence[Line]
    left: float
    right: float
    top: float
    bottom: float
    diagonal: str = ""
    scattered: bool = False
    mark: str = ""
    points: Sequence[Dot] = ()
    uprights: Sequence[Mark] = ()
    levels: Sequence[Mark] = ()
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Axis:
    """low, high: of the data. start, end: where they are drawn."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        low, high = (math.log10(self.low), math.log10(self.high)) if self.log else (self.low, self.high)
        value = math.log10(value) if self.log else value
        share = (value - low) / (high - low) if high > low else 0.5
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self, language: Language, wanted: int = 5) -> list[Tick]:
        steps = _log_steps(self.low, self.high) if self.log else _steps(self.low, self.high, wanted)
        digits = _digits(steps)
        return [Tick(self.at(step), _tick_text(language, step, digits)) for step in steps]


def line_chart(language: Language, title: str, series: Mapping[str, Sequence[Point]], x_label: str, y_label: str, *,
               log: bool = False, diagonal: bool = False, unit_square: bool = False, scattered: bool = False,
               colours: Mapping[str, int] | None = None, mark: float | None = None) -> Chart | None:
    """None where there is nothing to draw. log: the y axis. colours: name -> number, else in order. mark: where on the
    x axis a line stands upright."""
    kept = {name: points for name, given in series.items() if (points := _drawable(given, log))}
    if not kept:
        return None
    named = len(kept) > 1
    longest = max(len(name) for name in kept)
    right = WIDTH - (RIGHT_NAMED + CHAR * min(longest, NAME_CHARS) if named else RIGHT_PLAIN)
    xs, ys = ([point[axis] for points in kept.values() for point in points] for axis in (0, 1))
    x_axis = Axis(*(_unit(xs) if unit_square else _span(xs)), LEFT, right)
    y_axis = Axis(*(_unit(ys) if unit_square else _span(ys, log)), HEIGHT - BOTTOM, TOP, log)
    most = SCATTERED_POINTS if scattered else _HOVER_POINTS
    lines = [_line(language, name, (colours or {}).get(name, number) % COLOURS, points, x_axis, y_axis, most)
             for number, (name, points) in enumerate(kept.items())]
    ends = [max(x_axis.low, y_axis.low), min(x_axis.high, y_axis.high)]
    return Chart(
        title, _described(language, kept, x_label, y_label), x_label, y_label, x_axis.ticks(language),
        y_axis.ticks(language), names_apart(lines) if named else lines, LEFT, right, TOP, HEIGHT - BOTTOM,
        path_of([(x_axis.at(end), y_axis.at(end)) for end in ends]) if diagonal else "", scattered,
        "" if mark is None else f"M{x_axis.at(mark):g} {TOP}V{HEIGHT - BOTTOM}")


def pointed(chart: Chart, x: float, y: float, words: str) -> Chart:
    """With a place of the unit square, which the chart is of, to be seen, and what it is."""
    across, up = Axis(0, 1, chart.left, chart.right), Axis(0, 1, chart.bottom, chart.top)
    return replace(chart, points=[*chart.points, Dot(across.at(x), up.at(y), words, True)],
                   description=f"{chart.description}; {words}")


def _line(language: Language, name: str, colour: int, points: Sequence[Point], x_axis: Axis, y_axis: Axis,
          most: int) -> Line:
    drawn = [(x_axis.at(x), y_axis.at(y)) for x, y in _thin(points, _DRAWN_POINTS)]
    dots = [Dot(x_axis.at(x), y_axis.at(y), f"{name}: {language.short(x)}; {language.short(y)}")
            for x, y in _thin(points, most)]
    return Line(name, colour, path_of(drawn), dots, drawn[-1][1])


def names_apart(lines: list[Line]) -> list[Line]:
    """Names at the ends of their lines, moved down where two would lie on each other, and up again at the edge."""
    placed: list[Line] = []
    lowest = -math.inf
    for line in sorted(lines, key=lambda line: line.name_y):
        lowest = max(line.name_y, lowest + _NAME_HEIGHT)
        placed.append(replace(line, name_y=lowest))
    beyond = max(lowest - (HEIGHT - BOTTOM), 0)
    names = {line.name: round(line.name_y - beyond, 1) for line in placed}
    return [replace(line, name_y=names[line.name]) for line in lines]


def _described(language: Language, series: Mapping[str, Sequence[Point]], x_label: str, y_label: str) -> str:
    _ = language
    return "; ".join(_("%(name)s: %(y)s from %(first)s to %(last)s over %(x)s from %(left)s to %(right)s",
                       name=name, y=y_label, x=x_label, first=_.short(points[0][1]), last=_.short(points[-1][1]),
                       left=_.short(points[0][0]), right=_.short(points[-1][0])) for name, points in series.items())


def _drawable(points: Sequence[Point], log: bool) -> list[Point]:
    return [(x, y) for x, y in points if math.isfinite(x) and math.isfinite(y) and (y > 0 or not log)]


def _thin(points: Sequence[Point], most: int) -> list[Point]:
    """The first, the last and evenly spread ones between."""
    if len(points) <= most:
        return list(points)
    return [points[round(number * (len(points) - 1) / (most - 1))] for number in range(most)]


def path_of(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _unit(values: Sequence[float]) -> tuple[float, float]:
    return min(0.0, *values), max(1.0, *values)


def _span(values: Sequence[float], log: bool = False) -> tuple[float, float]:
    low, high = min(values), max(values)
    if low == high:
        return (low / 2, high * 2) if log else (low - 0.5, high + 0.5)
    return low, high


def _steps(low: float, high: float, wanted: int) -> list[float]:
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(multiple * power for multiple in (1, 2, 5, 10) if multiple * power >= raw)
    return [number * step for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _log_steps(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    few = last - first <= 3
    powers = range(first, last + 1, 1 if few else -(-(last - first) // 6))
    steps = [multiple * 10.0**power for power in powers for multiple in ((1, 2, 5) if few else (1,))]
    within = [step for step in steps if low <= step <= high]
    return within if len(within) > 1 else [low, high]


def _digits(steps: Sequence[float]) -> int:
    smallest = min((abs(b - a) for a, b in zip(steps, steps[1:], strict=False)), default=abs(steps[0]) or 1)
    return max(0, min(6, -math.floor(math.log10(smallest) + 1e-9)))


def _tick_text(language: Language, step: float, digits: int) -> str:
    return language.short(step) if abs(step) >= 1e6 or 0 < abs(step) < 1e-5 else language.number(step, digits)


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    title: str


SPARK_WIDTH, SPARK_HEIGHT = 144, 28


def histogram(language: Language, edges: Sequence[float], counts: Sequence[int]) -> list[Bar]:
    """Bars of a number column; `edges` has one more than `counts`."""
    spans = [f"{language.short(low)} … {language.short(high)}" for low, high in zip(edges, edges[1:], strict=False)]
    return _bars(language, spans, counts)


def frequencies(language: Language, values: Sequence[str], counts: Sequence[int]) -> list[Bar]:
    return _bars(language, values, counts)


def _bars(language: Language, names: Sequence[str], counts: Sequence[int]) -> list[Bar]:
    highest = max(counts, default=0)
    if not highest:
        return []
    width = SPARK_WIDTH / max(len(counts), 6)
    bars = []
    for number, (name, count) in enumerate(zip(names, counts, strict=True)):
        height = max(SPARK_HEIGHT * count / highest, 1 if count else 0)
        bars.append(Bar(round(number * width, 2), round(SPARK_HEIGHT - height, 2), round(width - 0.8, 2),
                        round(height, 2), f"{name}: {language.whole(count)}"))
    return bars


@dataclass(frozen=True, slots=True)
class Outlines:
    """Two histograms over the same bins as outlines. zones: of each bin, over the whole height, with what it holds.
    labels: below them, those that fit."""

    reference: str
    current: str
    zones: Sequence[Bar]
    width: int
    height: int
    description: str
    labels: Sequence[Tick] = ()


def outlines(language: Language, bins: Sequence[str], reference: Sequence[float], current: Sequence[float],
             width: int = SPARK_WIDTH, height: int = SPARK_HEIGHT, edges: Sequence[str] | None = None) -> Outlines:
    """reference, current: shares, as many as `bins`. All bins are as wide, whatever they span. edges: what stands
    between the first bins, else the names of the bins stand below them; None for neither."""
    highest, step = max(*reference, *current, 1e-9), width / len(bins)
    titles = [language("%(bin)s: %(before)s in training, %(now)s now", bin=name, before=language.percent(before),
                       now=language.percent(now)) for name, before, now in zip(bins, reference, current, strict=True)]
    zones = [Bar(round(number * step, 2), 0, round(step, 2), height, title) for number, title in enumerate(titles)]
    return Outlines(_outline(reference, highest, step, height), _outline(current, highest, step, height), zones, width,
                    height, "; ".join(titles), [] if edges is None else _below(bins, edges, step))


def _below(bins: Sequence[str], edges: Sequence[str], step: float) -> list[Tick]:
    most = int(step / CHAR)
    if edges:
        ticks = [Tick(round(number * step, 1), text) for number, text in enumerate(edges, 1)]
        return _fitting(ticks, Tick(round((len(bins) - 0.4) * step, 1), bins[-1]))
    return [Tick(round((number + 0.5) * step, 1), text if len(text) <= most else text[:max(most - 1, 1)] + "…")
            for number, text in enumerate(bins)]


def _fitting(ticks: Sequence[Tick], last: Tick) -> list[Tick]:
    """The last one, and of the others those that touch neither it nor the one kept before."""
    def apart(left: Tick, right: Tick) -> bool:
        return right.at - left.at >= _DIGIT * (len(left.text) + len(right.text) + 1) / 2

    kept: list[Tick] = []
    for tick in ticks:
        if apart(tick, last) and (not kept or apart(kept[-1], tick)):
            kept.append(tick)
    return [*kept, last]


def _outline(shares: Sequence[float], highest: float, step: float, height: int) -> str:
    tops = [round(height - 1 - (height - 2) * share / highest, 1) for share in shares]
    return f"M0 {height - 1}" + "".join(
        f"V{top:g}H{round((number + 1) * step, 2):g}" for number, top in enumerate(tops)) + f"V{height - 1}"
