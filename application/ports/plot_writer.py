"""Drawing what a training is judged by."""
from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Protocol

from domain.report import Plot


class PlotWriter(Protocol):
    @abstractmethod
    def write(self, plot: Plot, folder: Path) -> None:
        """Leaves `folder`/NAME.json (a list of the plot's rows, UTF-8) and, if it can draw, a picture of it,
        `folder`/NAME.svg; the same bytes for the same plot each time. The folder is made if it is not there."""
