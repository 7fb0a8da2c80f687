from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.tensorboard.events import image_event, record, version_event
from application.ports.picture_codec import PictureCodec
from application.ports.sheet_writer import SheetWriter
from domain.sheet import Case, Sheet

GAP_PX = 4


class TensorboardSheetWriter(SheetWriter):
    """TensorBoard's images: one a case, its panels side by side, tagged by the sheet's title and its caption."""

    def __init__(self, codec: PictureCodec) -> None:
        self._codec = codec

    def write(self, sheet: Sheet, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"events.out.tfevents.{sheet.name}"
        events = [version_event(), *(self._event(sheet, case) for case in sheet.cases)]
        path.write_bytes(b"".join(map(record, events)))
        return path

    def _event(self, sheet: Sheet, case: Case) -> bytes:
        pixels = _side_by_side(case)
        height, width, _ = pixels.shape
        return image_event(f"{sheet.title}/{case.caption}", height, width, self._codec.write(pixels))


def _side_by_side(case: Case) -> NDArray[np.uint8]:
    gap = np.full((len(case.panels[0]), GAP_PX, 3), 255, np.uint8)
    pieces = [piece for panel in case.panels for piece in (gap, panel)]
    return np.concatenate(pieces[1:], axis=1)
