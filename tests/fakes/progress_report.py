"""What was told, kept in a list."""
from __future__ import annotations

from application.ports.progress_report import ProgressReport


class InMemoryProgressReport(ProgressReport):
    def __init__(self) -> None:
        self.told: list[tuple[str, int, int, float | None]] = []

    def tell(self, stage: str, iteration: int, iterations: int, loss: float | None) -> None:
        self.told.append((stage, iteration, iterations, loss))
