"""Sheets as all of their bytes, one after the other."""
from __future__ import annotations

from pathlib import Path

from application.ports.sheet_writer import SheetWriter
from domain.sheet import Sheet


class RawSheetWriter(SheetWriter):
    def write(self, sheet: Sheet, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{sheet.name}.raw"
        path.write_bytes(b"".join(
            case.caption.encode() + b"".join(panel.tobytes() for panel in case.panels) for case in sheet.cases))
        return path
