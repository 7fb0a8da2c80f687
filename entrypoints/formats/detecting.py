"""What kind of task a file is for, by its content."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import BinaryIO

from domain.errors import ProgonError
from domain.kinds.kind import Kind
from entrypoints.formats.formats import Formats
from entrypoints.formats.picture_problem import is_video
from entrypoints.formats.pictures import Pictures
from entrypoints.formats.tables import Tables
from entrypoints.formats.unpacked import TABLE_SUFFIXES, ZIP, Unpacker, is_workbook

FORMATS: Mapping[Kind, type[Formats]] = MappingProxyType({each.kind: each for each in (Tables, Pictures)})
# Of files that come as the raw body; what is in them is seen by their content.
MEDIA_TYPES = tuple(media_type for each in FORMATS.values() for media_type in (each.media_type, *each.further_types))
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
_START_BYTES = 512


class Detector:
    def __init__(self, unpacker: Unpacker) -> None:
        self._unpacker = unpacker

    def kind_of(self, file: BinaryIO, said: str = "") -> Kind:
        """A zip with pictures or videos in it is for a task of pictures, anything else is a table. The file is at its
        start before and after. said: the media type, which counts only for a zip that is damaged."""
        start = file.read(len(ZIP))
        file.seek(0)
        kind = self._kind_of_zip(file, said) if start == ZIP else Kind.TABULAR
        file.seek(0)
        return kind

    def _kind_of_zip(self, file: BinaryIO, said: str) -> Kind:
        """Of pictures, where the zip holds neither: who reads those says most of what is wrong."""
        try:
            names = self._unpacker.names(file)
            if any(_shows(name) for name in names):
                return Kind.IMAGE
            is_table = _is_workbook(names) or _has_table(names) or self._is_text(file, names)
            return Kind.TABULAR if is_table else Kind.IMAGE
        except ProgonError:
            return Kind.TABULAR if said in (Tables.media_type, *Tables.further_types) else Kind.IMAGE

    def _is_text(self, file: BinaryIO, names: Sequence[str]) -> bool:
        return len(names) == 1 and b"\0" not in (self._unpacker.start(file, names[0], _START_BYTES) or b"\0")


def _shows(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in _PICTURES or is_video(name)


def _is_workbook(names: Sequence[str]) -> bool:
    """Also one that is not read: the reader of tables says so."""
    try:
        return is_workbook(names)
    except ProgonError:
        return True


def _has_table(names: Sequence[str]) -> bool:
    return any(PurePosixPath(name).suffix.lower() in TABLE_SUFFIXES for name in names)
