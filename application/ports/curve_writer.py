"""Learning curves for those who look on with TensorBoard."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class CurveWriter(Protocol):
    @abstractmethod
    def write(self, curve: Sequence[Mapping[str, float]], loss: str, folder: Path) -> None:
        """curve: as TrainedModel.learning_curve. loss: its name. The folder is made; the same curve gives the same
        files, one for what was trained on and one for `valid`."""
