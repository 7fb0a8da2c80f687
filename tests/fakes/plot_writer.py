"""Plots as JSON, and as a picture that says no more than the title."""
from __future__ import annotations

import json
from html import escape
from pathlib import Path

from application.ports.plot_writer import PlotWriter
from domain.report import Plot


class TitlePlotWriter(PlotWriter):
    def write(self, plot: Plot, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{plot.name}.json").write_text(json.dumps(list(plot.rows), ensure_ascii=False), encoding="utf-8")
        picture = f'<svg xmlns="http://www.w3.org/2000/svg"><text>{escape(plot.title)}</text></svg>'
        (folder / f"{plot.name}.svg").write_text(picture, encoding="utf-8")
