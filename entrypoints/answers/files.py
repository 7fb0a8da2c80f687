"""What was found out of a file that came."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, UnsetType

from entrypoints.answers.answer import Answer, says
from entrypoints.formats.formats import FileRows
from entrypoints.formats.table_format import FileFacts


class ReadingAnswer(Answer):
    """How far a file is read while it is worked on."""

    rows: Annotated[int, says("Or pictures: so many were read and checked")]
    read_bytes: Annotated[int, says("Of the file as it came, some megabytes ahead of the rows")]
    size_bytes: int


class ReadAnswer(Answer):
    """What a file with a table was read as."""

    format: Annotated[str, says("csv, xlsx or ndjson")]
    charset: Annotated[str | None, says("Of a text")]
    separator: Annotated[str | None, says("Of a CSV; empty where it has one column")]
    packed: Annotated[Sequence[str], says("In what, from the outside in: gzip, zstd, zip")]
    sheet: Annotated[str | None, says("Of a workbook")]
    left_out: Annotated[Sequence[str], says("Columns without name and value, further sheets, other files of a zip")]

    @classmethod
    def of(cls, facts: FileFacts) -> ReadAnswer:
        return cls(facts.format, facts.charset, facts.separator, facts.packed, facts.sheet, facts.left_out)


# Columns of a table that are answers of a model, or files of a zip that are neither pictures nor masks.
PassedOver = Annotated[Sequence[str] | UnsetType, says("Columns that are answers of a model, files of no use in a zip")]


def told_of(file: FileRows) -> tuple[ReadAnswer | UnsetType, Sequence[str] | UnsetType]:
    """`read` and `passed_over`; unset where there is nothing to tell."""
    return (ReadAnswer.of(file.read) if file.read else UNSET,
            file.passed_over if file.read or file.passed_over else UNSET)
