"""The text of a CSV file before its rows: is it UTF-8, what separates its cells, what are its columns called."""
from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from application.ports.csv_codec import SEPARATORS, CsvLimits, Readable
from domain.errors import Fault, InvalidInput, TooLarge

SAMPLE_ROWS = 100
# It never separates cells of a file of one column, where any other character may be part of the text.
NO_SEPARATOR = "\x1f"
NEVER_CLOSED = "a quote is opened here and never closed"
NO_NAME = "has a value in column {}, which has no name in the header: name it, or take what stands above the header out"
_OTHER_FORMATS = {
    codecs.BOM_UTF16_LE: "the file is UTF-16: save it as UTF-8",
    codecs.BOM_UTF16_BE: "the file is UTF-16: save it as UTF-8",
    b"PK\x03\x04": "the file is a workbook or a zip archive: save it as CSV",
}


class CheckedStream:
    """A stream of UTF-8 without NUL. It ends at the first byte that is neither; `problem` then says why."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._checked, self._unchecked = b"", b""
        self.start = b""
        self.ended = False
        self.problem: str | None = None

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, or fewer at the end."""
        while len(self._checked) < size and not self.ended:
            self._check(self._stream.read(size - len(self._checked)))
        piece, self._checked = self._checked[:size], self._checked[size:]
        return piece

    def give_back(self, piece: bytes) -> None:
        self._checked = piece + self._checked

    def _check(self, read: bytes) -> None:
        self.start += read[:4 - len(self.start)]
        data, self.ended = self._unchecked + read, not read
        try:
            good = codecs.utf_8_decode(data, "strict", self.ended)[1]
        except UnicodeDecodeError as failure:
            good = failure.start
            self._end(f"the byte 0x{data[good]:02X} is not UTF-8: save the file as UTF-8, or declare its charset")
        if (nul := data.find(b"\0", 0, good)) >= 0:
            good = nul
            self._end("there is a NUL byte, which no text has: save the file as UTF-8")
        self._checked += data[:good]
        self._unchecked = data[good:]

    def _end(self, problem: str) -> None:
        self.ended, self.problem = True, problem


@dataclass(frozen=True, slots=True)
class Header:
    """raw_names: one for each cell of a row, "" for none. surplus: names of columns beyond the rows, all of them "".

    Columns are known by their positions, counted from 0.
    """

    raw_names: tuple[str, ...]
    separator: str
    surplus: int = 0

    @property
    def width(self) -> int:
        return len(self.raw_names)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(filter(None, self.raw_names))

    @property
    def named(self) -> tuple[int, ...]:
        return tuple(position for position, name in enumerate(self.raw_names) if name)

    @property
    def empty(self) -> tuple[int, ...]:
        """Where no row may have a value: no name, and not the index of pandas."""
        return tuple(position for position, name in enumerate(self.raw_names) if position and not name)

    @property
    def left_out(self) -> tuple[int, ...]:
        """Counted from 1."""
        unnamed = [position for position, name in enumerate(self.raw_names, 1) if not name]
        return tuple(unnamed) + tuple(range(self.width + 1, self.width + 1 + self.surplus))


def read_header(stream: CheckedStream, limits: CsvLimits) -> Header:
    """Takes the header off the stream. Raises: InvalidInput, TooLarge."""
    head = stream.read(limits.max_header_bytes)
    _check_format(stream.start)
    head = head.removeprefix(codecs.BOM_UTF8)
    text = codecs.utf_8_decode(head, "strict", False)[0] + (_END if stream.problem or not stream.ended else _LAST_END)
    said = _SAID.match(text)
    before = said.end() if said else 0
    _check_width(text[before:], limits)
    sample = _sample(text[before:], said[1]) if said else _separated(text)
    if sample.incomplete:
        raise _unfinished(sample, stream, limits)
    stream.give_back(head[len(text[:before + sample.chars].encode()):])
    return Header(_checked_names(sample.names, limits), sample.separator, sample.surplus)


def _check_width(text: str, limits: CsvLimits) -> None:
    """A look that costs next to nothing: to part a header of a hundred thousand names holds up all other threads. What
    stands in quotes parts nothing, but not so often. Raises: TooLarge."""
    first_line = text.lstrip("\r\n").partition("\n")[0].partition("\r")[0]
    most = max(map(first_line.count, SEPARATORS))
    if most >= limits.max_columns * (10 if '"' in first_line else 1):
        raise _too_wide(most + 1, limits)


def _too_wide(columns: int, limits: CsvLimits) -> TooLarge:
    return TooLarge(f"the file has {columns} columns; at most {limits.max_columns} are read")


# What Excel writes into a first line of its own.
_SAID = re.compile(r'[\r\n]*"?sep=([^\w\s"\0]|\t)"?(?:\r\n|\r|\n)', re.IGNORECASE)


def _check_format(start: bytes) -> None:
    for signature, problem in _OTHER_FORMATS.items():
        if start.startswith(signature):
            raise InvalidInput(problem, [Fault("file", problem)])


@dataclass(frozen=True, slots=True)
class _Sample:
    """What a separator makes of the text. header: as it stands there. names: of the columns that the rows have, the
    surplus ones left out. chars: where the rows begin. even: share of rows as wide as `names`."""

    separator: str
    header: list[str]
    names: list[str]
    chars: int
    even: float

    @property
    def surplus(self) -> int:
        return max(len(self.header) - len(self.names), 0)

    @property
    def incomplete(self) -> bool:
        return not self.header or _END in self.header[-1]


# Quoted, whichever the separator is: one that stands only in there separates nothing.
_QUOTED = re.compile(rf'(?:^|(?<=[{"".join(SEPARATORS)}\r\n]))"(?:[^"]|"")*(?:"|\Z)')
# No checked text has it. It ends each sample, so a record that holds it goes on where the sample ends.
_END = "\0"
# Where the file ends the last line does too. (LF would make one line end of itself and a CR before it.)
_LAST_END = f"\r{_END}"


def _separated(text: str) -> _Sample:
    samples = [_sample(text, separator) for separator in SEPARATORS]
    bare = _QUOTED.sub("", text[:max(sample.chars for sample in samples)]).lstrip("\r\n")
    first_line = re.split(r"[\r\n]", bare, maxsplit=1)[0]
    parted = [sample for sample in samples if len(sample.header) > 1 and sample.separator in first_line]
    if not parted:
        return _sample(text, NO_SEPARATOR)
    return max(parted, key=lambda sample: (sample.even, len(sample.header)))


def _sample(text: str, separator: str) -> _Sample:
    lines = io.StringIO(text, newline="")
    records = _records(lines, separator)
    header = next(records, [])
    chars = lines.tell()
    rows = [record for record in islice(records, SAMPLE_ROWS) if _END not in record[-1]]
    names = _fitted([name.strip() for name in header], rows)
    even = sum(len(row) == len(names) for row in rows) / len(rows) if rows else 1.0
    return _Sample(separator, header, names, chars, even)


def _fitted(names: list[str], rows: list[list[str]]) -> list[str]:
    """As wide as most rows are, if what is more at the end of the header or of the rows is empty."""
    if not rows or not names:
        return names
    width = Counter(map(len, rows)).most_common(1)[0][0]
    beyond = [name for row in ([names] if width < len(names) else rows)
              for name in row[min(width, len(names)):]]
    if width < 2 or any(map(str.strip, beyond)):
        return names
    return [*names[:width], *[""] * (width - len(names))]


def _records(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    # The module ends at a cell of more than 131,072 characters, which is too long here or this is not the separator.
    with suppress(csv.Error):
        yield from filter(None, csv.reader(lines, delimiter=separator))


def _unfinished(sample: _Sample, stream: CheckedStream, limits: CsvLimits) -> InvalidInput | TooLarge:
    """Why the header does not end."""
    if stream.problem:
        return InvalidInput(f"header: {stream.problem}", [Fault("header", stream.problem)])
    if not stream.ended or not sample.header:
        return TooLarge(f"the header is longer than {limits.max_header_bytes} bytes; is a quote never closed in it?")
    if sample.header == [_END]:
        return InvalidInput("the file is empty", [Fault("file", "is empty")])
    return InvalidInput(f"header: {NEVER_CLOSED}", [Fault("header", NEVER_CLOSED)])


def _checked_names(names: list[str], limits: CsvLimits) -> tuple[str, ...]:
    if len(names) > limits.max_columns:
        raise _too_wide(len(names), limits)
    if max(map(len, names)) > limits.max_cell_chars:
        raise TooLarge(f"a name in the header is longer than {limits.max_cell_chars} characters")
    faults = [] if any(names) else [Fault("header", "no column has a name")]
    faults += [Fault(f"column {name}", "is named twice")
               for name, times in Counter(names).items() if name and times > 1]
    if faults:
        raise InvalidInput(f"{faults[0].where}: {faults[0].problem}", faults)
    return tuple(names)
