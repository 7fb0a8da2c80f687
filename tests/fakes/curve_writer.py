"""Curves as JSON."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from application.ports.curve_writer import CurveWriter


class JsonCurveWriter(CurveWriter):
    def write(self, curve: Sequence[Mapping[str, float]], loss: str, folder: Path) -> None:
        for part in ("train", "valid"):
            (folder / part).mkdir(parents=True, exist_ok=True)
            values = [[entry["iteration"], entry[part]] for entry in curve]
            (folder / part / "tfevents.json").write_text(json.dumps({loss: values}), encoding="utf-8")
