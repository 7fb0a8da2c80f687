"""Zip files of pictures by class."""
from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from adapters.archive.classes import MAX_TABLE_BYTES, Labels, by_folder, by_table, rows_of
from adapters.archive.contents import open_zip, path_of
from adapters.archive.pairing import Files, foreign, name_of, refuse
from adapters.archive.roles import PICTURES, VIDEOS, Naming, folded, is_beside
from adapters.archive.unpacking import DoesNotUnpack, Unpacker
from application.ports.class_archive import FOLDERS, LABELS, ClassArchive, Classified
from application.ports.picture_archive import ArchivedPicture, ArchivedVideo, ArchiveLimits, BrokenFile
from application.serving.room import Take, nothing
from domain.errors import Fault, InvalidInput


class ZipClassArchive(ClassArchive):
    """take: what each file has in memory."""

    def __init__(self, take: Take = nothing) -> None:
        self._take = take

    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> Iterator[Classified]:
        found, unpacker = _opened(stream, limits, self._take)
        _check(found, labelled)
        labels = _labels(found, unpacker) if labelled else {}
        for path, member in sorted((found.pictures | found.videos).items()):
            try:
                file = unpacker.file(member)
            except DoesNotUnpack as failure:
                yield BrokenFile(failure.name, str(failure))
                continue
            is_video = path in found.videos
            yield ArchivedVideo(file, {}) if is_video else ArchivedPicture(file, None, None, labels.get(path))

    def passed_over(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> list[str]:
        found, unpacker = _opened(stream, limits, self._take)
        _check(found, labelled)
        table = _table(found, unpacker)
        if labelled:
            _labels(found, unpacker)
        return sorted(name for name in map(name_of, found.beside) if table is None or name != table.name)

    def told_by(self, stream: BinaryIO, limits: ArchiveLimits = ArchiveLimits()) -> str | None:
        found, unpacker = _opened(stream, limits, self._take)
        if _have_masks(found) or any(unpacker.outlined(member)[0] for member in found.beside):
            return None
        if (table := _table(found, unpacker)) is not None:
            return table.name
        labels, faults = by_folder(found.pictures)
        return FOLDERS if len({*labels.values()}) > 1 and not faults else None


@dataclass(frozen=True, slots=True)
class _Found:
    """Each by its folded path. beside: what does no harm. odd: what has no place here."""

    pictures: Files
    videos: Files
    beside: Sequence[zipfile.ZipInfo]
    odd: Sequence[Fault]


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    rows: Sequence[tuple[str, str]]


def _opened(stream: BinaryIO, limits: ArchiveLimits, take: Take) -> tuple[_Found, Unpacker]:
    """Raises: InvalidInput, TooLarge."""
    archive, members = open_zip(stream, limits)
    paths = {folded(path_of(member)): member for member in members}
    stems = {path.with_suffix("") for path in paths if path.suffix in PICTURES | VIDEOS}
    seen = {path: member for path, member in paths.items() if not is_beside(path, stems)}
    return _Found(
        {path: member for path, member in seen.items() if path.suffix in PICTURES},
        {path: member for path, member in seen.items() if path.suffix in VIDEOS},
        [member for path, member in paths.items() if path not in seen],
        [foreign(path, member) for path, member in seen.items() if path.suffix not in PICTURES | VIDEOS],
    ), Unpacker(archive, limits, take)


def _check(found: _Found, labelled: bool) -> None:
    """Raises: InvalidInput."""
    videos = [Fault(name_of(member), "is a video; save its frames as pictures to give them a class")
              for member in found.videos.values()] if labelled else []
    refuse([*found.odd, *videos])
    if not found.pictures and not found.videos:
        raise InvalidInput("the zip file holds no pictures")


def _labels(found: _Found, unpacker: Unpacker) -> Labels:
    """Raises: InvalidInput."""
    table = _table(found, unpacker)
    labels, faults = by_folder(found.pictures) if table is None else by_table(found.pictures, table.name, table.rows)
    refuse(faults)
    return labels


def _table(found: _Found, unpacker: Unpacker) -> _Table | None:
    """Raises: InvalidInput if there are several."""
    known = [table for member in found.beside if (table := _read_table(member, unpacker)) is not None]
    refuse([Fault(table.name, f"is a table of labels beside {known[0].name}; leave one of them")
            for table in known[1:]])
    return known[0] if known else None


def _read_table(member: zipfile.ZipInfo, unpacker: Unpacker) -> _Table | None:
    if path_of(member).name.lower() != LABELS or member.file_size > MAX_TABLE_BYTES:
        return None
    try:
        rows = rows_of(unpacker.file(member).content)
    except DoesNotUnpack:
        return None
    return None if rows is None else _Table(name_of(member), rows)


def _have_masks(found: _Found) -> bool:
    """Some of the files, and not all, are called as masks are. Classes may be called with_mask and without_mask."""
    paths: list[PurePosixPath] = list(found.pictures)
    naming = Naming(paths)
    return 0 < sum(naming.role(path).is_mask for path in paths) < len(paths)
