"""The first pictures of a file with their masks, small, for the eyes of whoever is about to add them."""
from __future__ import annotations

import base64
from collections.abc import Iterable

from application.pictures.picture_rows import PictureRows
from application.ports.picture_codec import PictureCodec
from domain import picture_answer
from domain.arrays import Array
from domain.exchange import Part
from domain.table import Table
from domain.task import Task
from domain.thumbnail import mask_thumbnail, thumbnail

MAX_PX = 128


class PicturePreviews:
    """Looks at rows while they are checked; `taken` are the first `most` pictures as the JSON of an answer."""

    def __init__(self, task: Task, codec: PictureCodec, most: int) -> None:
        self._task, self._codec, self._most = task, codec, most
        self.taken: list[dict[str, object]] = []

    def look(self, parts: Iterable[Part]) -> int:
        """Takes all parts. Returns: the number of rows. Raises: what taking them does."""
        count = 0
        for part in parts:
            count += part.table.n_rows
            if isinstance(part.rows, PictureRows) and len(self.taken) < self._most:
                self.taken.append(self._shown(part.rows.name, part.table))
        return count

    def _shown(self, name: str, table: Table) -> dict[str, object]:
        pixels, mask = (table[column.name][0] for column in (*self._task.schema.features, self._task.schema.target))
        return {"name": name, "width": mask.shape[1], "height": mask.shape[0],
                "picture": self._png(thumbnail(pixels, MAX_PX)), "mask": self._png(mask_thumbnail(mask, MAX_PX)),
                "summary": picture_answer.summary(self._task, mask)}

    def _png(self, pixels: Array) -> str:
        return base64.b64encode(self._codec.write(pixels)).decode()
