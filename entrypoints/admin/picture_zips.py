"""Zips of pictures as the pages look into them; what is wrong with one is for the API to say."""
from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from entrypoints.admin import plots
from entrypoints.admin.language import Language

# What a browser can show of a zip of answers.
_MEDIA = {".png": "image/png", ".mp4": "video/mp4", ".webm": "video/webm"}
_SUMMARY, _SUMMARY_BYTES = "summary.csv", 16 << 20
# As most tools call them; whoever has others adds them on the page of the data.
_MASK_FOLDERS = {"mask", "masks", "label", "labels", "segmentationclass"}
_MASK_ENDINGS = ("_mask", "_segmentation", "_gt")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError)


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer of a zip. media: image, video, or empty for what a browser cannot show."""

    number: int
    name: str
    media: str
    shares: Sequence[plots.Share]


@dataclass(frozen=True, slots=True)
class ClassifiedRow:
    """A picture of a zip, its class and how likely that is."""

    name: str
    prediction: str
    share: str


def has_classes(path: Path, labels: Collection[str]) -> bool:
    """A table of labels, or pictures in folders that are called as classes are."""
    names = _names(path)
    return any(name.name.lower() == "labels.csv" for name in names) or any(
        name.suffix and name.parent.name in labels for name in names)


def classified(_: Language, path: Path, most: int) -> list[ClassifiedRow]:
    """The first answers of a zip; empty for what is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            rows = list(islice(_rows(archive), most))
    except _UNREADABLE:
        return []
    return [ClassifiedRow(row.get("name") or "", row.get("prediction") or "",
                          _.percent(max(_numbers(row).values(), default=0))) for row in rows]


def _names(path: Path) -> list[PurePosixPath]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [PurePosixPath(name.replace("\\", "/")) for name in archive.namelist()]
    except _UNREADABLE:
        return []


def has_masks(path: Path) -> bool:
    names = _names(path)
    return any(not _MASK_FOLDERS.isdisjoint(folder.lower() for folder in name.parts[:-1])
               or name.stem.lower().endswith(_MASK_ENDINGS) for name in names)


def member(path: Path, number: str) -> tuple[bytes, str] | None:
    """(content, media type) of the file of this number, as `first` gives it; None for what a browser cannot show."""
    if not (number.isascii() and number.isdecimal()):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.infolist()[int(number)]
            media = _MEDIA.get(PurePosixPath(info.filename).suffix.lower())
            return (archive.read(info), media) if media else None
    except (*_UNREADABLE, LookupError):
        return None


def first(_: Language, path: Path, most: int) -> list[Shown]:
    """Empty for what is no zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            files = [(number, info.filename) for number, info in enumerate(archive.infolist())
                     if info.filename != _SUMMARY]
            summaries = _summaries(archive, most)
    except _UNREADABLE:
        return []
    return [Shown(number, name, _MEDIA.get(PurePosixPath(name).suffix.lower(), "").partition("/")[0],
                  plots.shares(_, summaries.get(position, {})))
            for position, (number, name) in enumerate(files[:most])]


def _summaries(archive: zipfile.ZipFile, most: int) -> dict[int, dict[str, float]]:
    """What summary.csv says of the first files, in their order."""
    return {number: _numbers(row) for number, row in enumerate(islice(_rows(archive), most))}


def _rows(archive: zipfile.ZipFile) -> Iterable[Mapping[str, str]]:
    if _SUMMARY not in archive.namelist() or archive.getinfo(_SUMMARY).file_size > _SUMMARY_BYTES:
        return ()
    return csv.DictReader(io.StringIO(archive.read(_SUMMARY).decode("utf-8", "replace")))


def _numbers(row: Mapping[str, str]) -> dict[str, float]:
    found = {}
    for name, text in list(row.items())[2:]:  # after the name and the media type
        try:
            found[str(name)] = float(text)
        except (TypeError, ValueError):
            continue
    return found
