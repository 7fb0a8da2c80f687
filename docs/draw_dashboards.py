"""Draws the dashboards of docker/grafana as pictures, from a live Prometheus and PostgreSQL, where Grafana cannot run.

    python docs/draw_dashboards.py PROMETHEUS_URL POSTGRES_URL MINUTES FOLDER
"""
from __future__ import annotations

import math
import re
import sys
import time
from datetime import datetime
from pathlib import Path

import httpx
import matplotlib
from matplotlib import pyplot
from matplotlib.dates import DateFormatter
from sqlalchemy import create_engine

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.e2e.grafana import Filled, Window, dashboards  # noqa: E402  # a script, so the path comes first

matplotlib.use("Agg")
STEPS, WIDTH_INCHES, ROW_INCHES = 120, 20, 0.45


class Sources:
    def __init__(self, prometheus: str, postgres: str, minutes: float) -> None:
        now = time.time()
        step_s = max(15, int(minutes * 60 / STEPS))
        self.window = Window(now - minutes * 60, now, step_s, 15)
        self._prometheus, self._engine = prometheus, create_engine(postgres)

    def series(self, expression: str) -> list[tuple[dict, list, list]]:
        window = self.window
        answer = httpx.get(f"{self._prometheus}/api/v1/query_range", params={
            "query": expression, "start": window.start, "end": window.end, "step": window.step_s}).json()
        return [(found["metric"], [datetime.fromtimestamp(at) for at, _ in found["values"]],
                 [float(value) for _, value in found["values"]]) for found in answer["data"]["result"]]

    def labels(self, metric: str) -> list:
        return httpx.get(f"{self._prometheus}/api/v1/series", params={"match[]": metric}).json()["data"]

    def rows(self, statement: str) -> list:
        with self._engine.connect() as connection:
            return connection.exec_driver_sql(statement.replace("%", "%%")).all()


def draw(name: str, board: dict, sources: Sources, folder: Path) -> None:
    filled = Filled(board, sources.window, sources.rows, sources.labels)
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"])
    figure = pyplot.figure(figsize=(WIDTH_INCHES, height * ROW_INCHES))
    for panel in board["panels"]:
        place = panel["gridPos"]
        # Room for the numbers at the left and below, and for the title above.
        left, right = place["x"] / 24 + 0.03, (place["x"] + place["w"]) / 24 - 0.008
        bottom, top = place["y"] + place["h"] - (0.2 if panel["type"] == "row" else 0.75), place["y"] + 0.65
        axes = figure.add_axes((left, 1 - bottom / height, right - left, max(bottom - top, 0.01) / height))
        axes.set_title(panel["title"], loc="left", fontsize=10, fontweight="bold")
        if panel["type"] == "row":
            axes.axis("off")
        else:
            KINDS.get(panel["type"], bars)(axes, panel, filled, sources)
    figure.savefig(folder / f"dashboard-{Path(name).stem}.png", dpi=60)
    pyplot.close(figure)


def named(target: dict, metric: dict) -> str:
    legend = target["legendFormat"]
    for key, value in metric.items():
        legend = legend.replace(f"{{{{{key}}}}}", value)
    return re.sub(r"\{\{\w+}}", "", legend)


def found(panel: dict, filled: Filled, sources: Sources) -> list[tuple[str, list, list]]:
    lines = []
    for target in panel["targets"]:
        if "expr" in target:
            lines += [(named(target, metric), at, values)
                      for metric, at, values in sources.series(filled.promql(target["expr"]))]
            continue
        by_name: dict[str, tuple[list, list]] = {}
        for row in sources.rows(filled.sql(target["rawSql"])):
            moments, values = by_name.setdefault(row.metric, ([], []))
            moments.append(datetime.fromtimestamp(float(row.time)))
            values.append(float(row.value))
        lines += [(name, *points) for name, points in by_name.items()]
    return lines


def timeseries(axes, panel: dict, filled: Filled, sources: Sources) -> None:
    for name, at, values in found(panel, filled, sources):
        axes.plot(at, values, linewidth=1, marker=".", markersize=2, label=name)
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=6, ncols=3, loc="upper left", framealpha=0.5)


def stat(axes, panel: dict, filled: Filled, sources: Sources) -> None:
    axes.axis("off")
    target = panel["targets"][0]
    if "expr" in target:
        # The last that is a number, as Grafana takes it; of what ended before now, nothing where the panel says so.
        lines = [[value for value in values if math.isfinite(value)]
                 for _, at, values in sources.series(filled.promql(target["expr"]))
                 if not target["instant"] or at[-1].timestamp() > sources.window.end - 2 * sources.window.step_s]
        values = [line[-1] for line in lines if line]
    else:
        values = [row[0] for row in sources.rows(filled.sql(target["rawSql"]))]
    unit = panel["fieldConfig"]["defaults"].get("unit", "")
    axes.text(0.5, 0.45, "\n".join(in_words(value, unit) for value in values), fontsize=22, ha="center", va="center")


def in_words(value: float, unit: str) -> str:
    value = float(value)
    if unit == "percentunit":
        return f"{value:.2%}"
    if unit == "s" and value < 1:
        return f"{value * 1000:.3g} ms"
    if unit in ("s", "dtdurations"):
        return f"{value:.0f} s" if value < 120 else f"{value / 60:.0f} min"
    if unit == "dateTimeFromNow":
        return datetime.fromtimestamp(value / 1000).strftime("%H:%M:%S")
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def table(axes, panel: dict, filled: Filled, sources: Sources) -> None:
    axes.axis("off")
    rows = sources.rows(filled.sql(panel["targets"][0]["rawSql"]))[:int(panel["gridPos"]["h"] * 1.3)]
    wide = panel["gridPos"]["w"] * 10
    if rows:
        cells = [[cell(value)[:wide // len(row)] for value in row] for row in rows]
        shown = axes.table(cells, colLabels=list(rows[0]._fields), loc="upper left", cellLoc="left", edges="horizontal")
        shown.auto_set_font_size(False)
        shown.set_fontsize(7)
        shown.auto_set_column_width(list(range(len(rows[0]))))


def cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def heatmap(axes, panel: dict, filled: Filled, sources: Sources) -> None:
    lines = sources.series(filled.promql(panel["targets"][0]["expr"]))
    lines.sort(key=lambda line: float(line[0]["le"]))
    moments = sorted({moment for _, at, _ in lines for moment in at})
    cumulative = [[dict(zip(at, values)).get(moment, 0.0) for moment in moments] for _, at, values in lines]
    counts = [[above - below for above, below in zip(row, under)]
              for row, under in zip(cumulative, [[0.0] * len(moments), *cumulative])]
    axes.pcolormesh(moments, range(len(lines)), [[value if value > 0 else math.nan for value in row] for row in counts],
                    cmap="Oranges", shading="nearest")
    axes.set_yticks(range(len(lines)), [metric["le"] for metric, _, _ in lines], fontsize=6)
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))
    axes.tick_params(labelsize=7)


def timeline(axes, panel: dict, filled: Filled, sources: Sources) -> None:
    for name, at, values in found(panel, filled, sources):
        axes.plot(at, [name] * len(at), linewidth=12, solid_capstyle="butt")
        axes.annotate(name, (at[0], name), xytext=(0, 9), textcoords="offset points", fontsize=8)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))
    axes.tick_params(labelsize=7)
    axes.margins(y=0.6)


def bars(axes, panel: dict, filled: Filled, sources: Sources) -> None:
    target = panel["targets"][0]
    if "rawSql" in target:
        rows = sources.rows(filled.sql(target["rawSql"]))
        axes.bar([row[0] for row in rows], [row[1] for row in rows])
        axes.tick_params(labelsize=7, axis="x", rotation=45)
        return
    lines = [(named(target, metric), values[-1]) for metric, _, values in sources.series(filled.promql(target["expr"]))]
    if target["format"] == "heatmap":
        lines.sort(key=lambda line: float(line[0]))
        lines = [(name, value - below) for (name, value), below in zip(lines, [0, *(value for _, value in lines)])]
    else:
        lines.sort(key=lambda line: line[1])
    axes.barh([name for name, _ in lines[-15:]], [value for _, value in lines[-15:]])
    axes.tick_params(labelsize=7)


KINDS = {"timeseries": timeseries, "stat": stat, "table": table, "heatmap": heatmap, "state-timeline": timeline}


def main(prometheus: str, postgres: str, minutes: str, folder: str) -> None:
    sources = Sources(prometheus, postgres, float(minutes))
    for name, board in dashboards().items():
        draw(name, board, sources, Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
