"""What kind of task a file is for, by its content."""
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO

from domain.kinds.kind import Kind
from entrypoints.formats.formats import Formats
from entrypoints.formats.pictures import Pictures
from entrypoints.formats.tables import Tables

FORMATS: Mapping[Kind, type[Formats]] = MappingProxyType({each.kind: each for each in (Tables, Pictures)})
MEDIA_TYPES = tuple(each.media_type for each in FORMATS.values())
_ZIP = b"PK\3\4"


def kind_of(file: BinaryIO) -> Kind:
    """A zip holds pictures, anything else is a table. The file is at its start before and after."""
    start = file.read(len(_ZIP))
    file.seek(0)
    return Kind.IMAGE if start == _ZIP else Kind.TABULAR


def kind_of_media_type(media_type: str) -> Kind | None:
    """None for a type that says nothing of the kind."""
    return next((kind for kind, each in FORMATS.items() if each.media_type == media_type), None)
