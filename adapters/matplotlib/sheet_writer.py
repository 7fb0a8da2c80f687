from __future__ import annotations

from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from application.ports.sheet_writer import SheetWriter
from domain.sheet import Sheet

PANEL_INCHES = 2.6


class MatplotlibSheetWriter(SheetWriter):
    """A contact sheet, NAME.png: one line of panels a case."""

    def write(self, sheet: Sheet, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path, (down, across) = folder / f"{sheet.name}.png", (len(sheet.cases), len(sheet.columns))
        with matplotlib.rc_context({"font.size": 9, "savefig.dpi": 110}):
            figure = Figure(figsize=(PANEL_INCHES * across, PANEL_INCHES * down + 0.4), layout="constrained")
            figure.suptitle(sheet.title)
            for line, case in zip(figure.subplots(down, across, squeeze=False), sheet.cases, strict=True):
                line[0].set_ylabel(case.caption)
                for axes, panel in zip(line, case.panels, strict=True):
                    axes.imshow(panel)
                    axes.set(xticks=[], yticks=[])
                    axes.spines[:].set_visible(False)
            for axes, words in zip(figure.axes, sheet.columns, strict=False):
                axes.set_title(words)
            # The version of matplotlib would make the bytes differ from machine to machine.
            figure.savefig(path, metadata={"Software": None})
        return path
