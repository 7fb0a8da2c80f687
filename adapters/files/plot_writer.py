"""Plots as data alone, for where nothing is installed that draws."""
from __future__ import annotations

import json
from pathlib import Path

from application.ports.plot_writer import PlotWriter
from domain.report import Plot


class FilesPlotWriter(PlotWriter):
    def write(self, plot: Plot, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(list(plot.rows), ensure_ascii=False, indent=1)
        (folder / f"{plot.name}.json").write_text(text, encoding="utf-8")
