"""The first pictures of a file with their masks or classes, small, for the eyes of whoever is about to add them."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from application.pictures.picture_rows import PictureRows
from application.ports.picture_codec import PictureCodec
from domain import picture_answer
from domain.exchange import Part, Unlabelled
from domain.table import Table
from domain.task import Task
from domain.thumbnail import mask_thumbnail, thumbnail

MAX_PX = 128


@dataclass(frozen=True, slots=True)
class Preview:
    """picture, mask: PNG, small. width, height: of the picture itself. mask, summary, the share of its pixels by label:
    None where it has a class instead, `label`, which is empty where nobody has said it."""

    name: str
    width: int
    height: int
    picture: bytes
    mask: bytes | None
    summary: Mapping[str, float] | None
    label: str | None = None


class PicturePreviews:
    """Looks at rows while they are checked; `taken` are the first `most` pictures. rows: of all, rows_without_target of
    them without one."""

    def __init__(self, task: Task, codec: PictureCodec, most: int) -> None:
        self._task, self._codec, self._most = task, codec, most
        self.taken: list[Preview] = []
        self.rows, self._unlabelled = 0, Unlabelled(task)

    @property
    def rows_without_target(self) -> int:
        return self._unlabelled.rows

    def look(self, parts: Iterable[Part]) -> None:
        """Takes all parts. Raises: what taking them does."""
        for part in parts:
            self.rows += part.table.n_rows
            self._unlabelled.mask(part.table)
            if isinstance(part.rows, PictureRows) and len(self.taken) < self._most:
                self.taken.append(self._shown(part.rows.name, part.table))

    def _shown(self, name: str, table: Table) -> Preview:
        target = self._task.schema.target
        pixels, truth = table[self._task.schema.features[0].name][0], table[target.name][0]
        height, width = pixels.shape[:2]
        small = self._codec.write(thumbnail(pixels, MAX_PX))
        if not target.rules.from_files:
            return Preview(name, width, height, small, None, None, truth)
        return Preview(name, width, height, small, self._codec.write(mask_thumbnail(truth, MAX_PX)),
                       picture_answer.summary(self._task, truth))
