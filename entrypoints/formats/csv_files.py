"""CSV of any separator and charset."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from application.ports.csv_codec import CsvCodec, CsvLimits, Readable
from domain.rows import TextRows
from entrypoints.formats.charsets import UTF_8, Utf8Stream, charset_of
from entrypoints.formats.table_format import FileFacts, ReadTable, TableFormat, beside
from entrypoints.formats.table_shape import shaped
from entrypoints.formats.unpacked import Unpacked


class CsvFiles(TableFormat):
    def __init__(self, codec: CsvCodec, limits: CsvLimits) -> None:
        self._codec, self._limits = codec, limits

    def fits(self, start: bytes) -> bool:
        """Whatever is nothing else."""
        return True

    def read(self, file: Unpacked, charset: str | None) -> ReadTable:
        charset = charset_of(file.open(), charset)
        table = read_csv(self._codec, self._limits, utf8(file.open(), charset))
        facts = replace(table.facts, charset=charset, packed=file.packed,
                        left_out=[*table.facts.left_out, *beside(file.left_out)])
        return replace(table, facts=facts)


def utf8(stream: Readable, charset: str) -> Readable:
    return stream if charset == UTF_8 else Utf8Stream(stream, charset)


def read_csv(codec: CsvCodec, limits: CsvLimits, stream: Readable) -> ReadTable:
    """Raises: InvalidInput, TooLarge, here or while the rows are taken."""
    cells = codec.read(stream, limits)
    facts = FileFacts("csv", separator=cells.separator, left_out=[
        f"column {position}, which has no name" for position in cells.left_out])

    def chunks() -> Iterator[TextRows]:
        for chunk in cells.chunks:
            yield TextRows(chunk.cells, chunk.first_row)

    return ReadTable(cells.names, shaped(cells.names, chunks()), facts)
