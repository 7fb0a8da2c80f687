"""Progress as lines of JSON that a stage appends and the runner of the pipeline reads."""
from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from application.ports.progress_report import ProgressReport
from domain.experiment import Progress

# Of the whole run, measured on the demo task: what each stage has behind it when it begins, and when it ends.
_SHARES = {"extract_data": (0.0, 0.1), "train_model": (0.1, 0.9), "inference_model": (0.9, 1.0)}


class FileProgressReport(ProgressReport):
    """path: None where nobody waits."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def tell(self, stage: str, iteration: int, iterations: int, loss: float | None) -> None:
        if self._path is None:
            return
        line = json.dumps({"stage": stage, "iteration": iteration, "iterations": iterations, "loss": loss}) + "\n"
        try:
            with open(self._path, "ab", buffering=0) as file:
                file.write(line.encode())
        except OSError:
            return  # a full disk will be told by the work itself, in words that fit


class ProgressReader:
    """Follows a progress file: what its newest whole line says."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset, self._last = path, 0, Progress()

    def read(self) -> Progress:
        try:
            with open(self._path, "rb") as file:
                file.seek(self._offset)
                text = file.read()
        except FileNotFoundError:
            return self._last
        whole, newline, _ = text.rpartition(b"\n")
        self._offset += len(whole) + len(newline)
        if whole:
            self._last = _progress(json.loads(whole.rsplit(b"\n", 1)[-1]))
        return self._last


def _progress(line: Mapping[str, Any]) -> Progress:
    start, end = _SHARES.get(line["stage"], (0.0, 1.0))
    done = line["iteration"] / line["iterations"] if line["iterations"] else 0.0
    share = round(start + (end - start) * min(done, 1.0), 4)
    return Progress(share, line["stage"], line["iteration"], line["iterations"], line["loss"])
