from __future__ import annotations

import json
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

from application.ports.plot_writer import PlotWriter
from domain.report import Plot, PlotKind

# Okabe and Ito 2008: eight colours that stay apart for colour-blind eyes.
_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000"]
# Without a salt and with a date, two pictures of the same plot would differ, and with them the cache's keys.
_STYLE: dict[RcKeyType, bool | int | str] = {
    "svg.hashsalt": "progon", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.color": "#e5e5e5", "axes.axisbelow": True}


class MatplotlibPlotWriter(PlotWriter):
    def write(self, plot: Plot, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(list(plot.rows), ensure_ascii=False, indent=1)
        (folder / f"{plot.name}.json").write_text(text, encoding="utf-8")
        with matplotlib.rc_context(_STYLE):
            figure = Figure(figsize=(6.4, 4.8), layout="constrained")
            axes = figure.subplots()
            _DRAW[plot.kind](axes, plot)
            axes.set(title=plot.title, xlabel=plot.x, ylabel=plot.y)
            figure.savefig(folder / f"{plot.name}.svg", metadata={"Date": None})


def _line(axes: Axes, plot: Plot) -> None:
    names = list(dict.fromkeys(row[plot.series] for row in plot.rows)) if plot.series else [plot.y]
    for name, colour in zip(names, _COLOURS, strict=False):
        rows = [row for row in plot.rows if not plot.series or row[plot.series] == name]
        axes.plot([row[plot.x] for row in rows], [row[plot.y] for row in rows], color=colour, label=name)
    if plot.series:
        axes.legend(frameon=False)
    if plot.diagonal:
        axes.plot([0, 1], [0, 1], color="#999999", linestyle="--", linewidth=1)


def _scatter(axes: Axes, plot: Plot) -> None:
    x, y = ([row[key] for row in plot.rows] for key in (plot.x, plot.y))
    axes.scatter(x, y, s=6, color=_COLOURS[0], alpha=0.5)
    if plot.diagonal and x:
        ends = [min(x + y), max(x + y)]
        axes.plot(ends, ends, color="#999999", linestyle="--", linewidth=1)


def _bar(axes: Axes, plot: Plot) -> None:
    axes.barh([row[plot.y] for row in plot.rows], [row[plot.x] for row in plot.rows], color=_COLOURS[0])
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)


def _matrix(axes: Axes, plot: Plot) -> None:
    across, down = (list(dict.fromkeys(row[key] for row in plot.rows)) for key in (plot.x, plot.y))
    counts = np.zeros((len(down), len(across)), dtype=int)
    for row in plot.rows:
        counts[down.index(row[plot.y]), across.index(row[plot.x])] = row["count"]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.grid(visible=False)
    axes.set_xticks(range(len(across)), map(str, across))
    axes.set_yticks(range(len(down)), map(str, down))
    if counts.size <= 400:
        for (row, column), count in np.ndenumerate(counts):
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{count:,}", ha="center", va="center", color=colour)


_DRAW = {PlotKind.LINE: _line, PlotKind.SCATTER: _scatter, PlotKind.BAR: _bar, PlotKind.MATRIX: _matrix}
