"""Showing pictures of a training's good and bad cases."""
from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Protocol

from domain.sheet import Sheet


class SheetWriter(Protocol):
    @abstractmethod
    def write(self, sheet: Sheet, folder: Path) -> Path:
        """Leaves one file in `folder` with the panels and captions of all cases, in their order; the same bytes for the
        same sheet each time, in the place of an older sheet of that name. The folder is made if it is not there.

        Returns: the file, named after the sheet."""
