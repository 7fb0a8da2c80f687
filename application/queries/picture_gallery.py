"""The stored pictures of a task, to be looked at."""
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from application.pictures.picture_files import PictureFiles
from application.ports.feature_store import FeatureStore
from application.ports.picture_codec import PictureCodec
from application.queries.remembered import Remembered
from application.queries.versions import find_version
from domain.dataset import DatasetVersion
from domain.errors import Fault, InvalidInput, NotFound
from domain.picture_answer import summary
from domain.schema import Column
from domain.table import Table
from domain.task import Task
from domain.thumbnail import mask_thumbnail, thumbnail

REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """shares: of the pixels, by label; None of a picture without a mask."""

    width: int
    height: int
    shares: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """row: in its dataset version, from 1. picture, mask: digests, by which each is fetched; None: private, or there is
    no mask. label: the class of the whole picture; None: private, or there is a mask."""

    row: int
    picture: str | None
    mask: str | None
    facts: PictureFacts
    label: str | None = None


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """rows: of the dataset version. next: where the next page of older pictures begins, None if there are none."""

    version: int
    rows: int
    pictures: Sequence[StoredPicture]
    next: int | None


class PictureGallery:
    """Which pictures there are is read from the rows, where each stands as the digest of its content; what a picture
    or mask is like is remembered under its digest, for the content never changes."""

    def __init__(self, rows: FeatureStore, files: PictureFiles, codec: PictureCodec) -> None:
        self._rows, self._files, self._codec = rows, files, codec
        self._known: Remembered[tuple[str, int, str], PictureFacts] = Remembered(REMEMBERED)

    def page(self, task: Task, version: int | None, limit: int, before: int | None = None, label: str | None = None
             ) -> GalleryPage:
        """The last rows of a version (the newest if none is named), the last first; before: only those above this row;
        label: only those of this class.

        Raises: UnknownDatasetVersion, InvalidInput for a task without pictures, or by a class where there are masks or
        the classes are private."""
        _check(task)
        chosen = find_version(self._rows, task.name, version)
        stop = min(before - 1 if before else chosen.rows, chosen.rows)
        if label is not None:
            return self._page_of_class(task, chosen, limit, stop, label)
        start = max(stop - limit, 0)
        found = [self._stored(task, row, cells) for row, cells in self._cells(task, chosen.version, start, stop)]
        return GalleryPage(chosen.version, chosen.rows, found[::-1], start + 1 if start else None)

    def _page_of_class(self, task: Task, chosen: DatasetVersion, limit: int, stop: int, label: str) -> GalleryPage:
        target = task.schema.target
        if target.rules.from_files or target.private:
            why = "the classes are private" if target.private else "they have masks"
            raise InvalidInput(f"the pictures of {task.name} cannot be had by class: {why}", [Fault("label", why)])
        last: deque[tuple[int, Mapping[str, str]]] = deque(maxlen=limit + 1)
        last.extend((row, cells) for row, cells in self._cells(task, chosen.version, 0, stop)
                    if cells[target.name] == label)
        more = len(last) > limit
        found = [self._stored(task, row, cells) for row, cells in reversed(last)][:limit]
        return GalleryPage(chosen.version, chosen.rows, found, found[-1].row if more else None)

    def _stored(self, task: Task, row: int, cells: Mapping[str, str]) -> StoredPicture:
        picture, target = task.schema.features[0], task.schema.target
        shown, truth = _shown(picture, cells[picture.name]), _shown(target, cells[target.name])
        if target.rules.from_files:
            return StoredPicture(row, shown, truth, self._facts(task, cells[target.name], _mask_facts))
        return StoredPicture(row, shown, None, self._facts(task, cells[picture.name], _size), truth)

    def file(self, digest: str) -> bytes:
        """As it is stored. Raises: UnknownArtifact."""
        return self._files.content(digest)

    def drawn(self, task: Task, digest: str, as_mask: bool, max_px: int | None) -> bytes:
        """For eyes, and small if max_px says so. Raises: UnknownArtifact, InvalidInput for one that the task could not
        hold."""
        _check(task)
        if as_mask:
            return self._codec.write(mask_thumbnail(self._files.mask(digest), max_px))
        return self._codec.write(thumbnail(self._files.picture(task.schema.features[0], digest), max_px))

    def _cells(self, task: Task, version: int, start: int, stop: int) -> Iterator[tuple[int, Mapping[str, str]]]:
        """Rows from `start` (from 0) until `stop`, numbered from 1: texts and digests."""
        first = 0
        for table in self._rows.read(task, version):
            inside: Table = table.take(slice(max(start - first, 0), max(stop - first, 0)))
            for position in range(inside.n_rows):
                yield max(first, start) + position + 1, {name: inside[name][position] for name in inside.columns}
            first += table.n_rows
            if first >= stop:
                return

    def _facts(self, task: Task, digest: str, look: Callable[[PictureFiles, Task, str], PictureFacts]) -> PictureFacts:
        key = task.name, task.schema_version, digest
        return self._known.of(key, lambda: look(self._files, task, digest))


def _mask_facts(files: PictureFiles, task: Task, digest: str) -> PictureFacts:
    mask = files.mask(digest)
    return PictureFacts(mask.shape[1], mask.shape[0], summary(task, mask))


def _size(files: PictureFiles, task: Task, digest: str) -> PictureFacts:
    pixels = files.picture(task.schema.features[0], digest)
    return PictureFacts(pixels.shape[1], pixels.shape[0], None)


def _shown(column: Column, digest: str) -> str | None:
    return None if column.private else digest


def _check(task: Task) -> None:
    if not all(column.rules.from_files for column in task.schema.features):
        raise NotFound(f"the task {task.name} has rows of a table, not pictures")
