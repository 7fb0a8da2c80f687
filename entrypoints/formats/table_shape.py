"""Rows that are none: what people leave in a file for other people."""
from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from application.ports.csv_codec import SEPARATORS
from domain.cells import MAX_FAULTS, MISSING_NUMBERS, describe, in_words, number_of_text
from domain.errors import Fault, InvalidInput
from domain.rows import TextRows
from domain.shifted import ShiftedRows

_LOOKED_AT_ROWS = 100
_TITLE_LINES = 5
_UNIT = re.compile(
    r"[°%‰$€£₽¥]|[\[(].*[\])]|°[CF]|[munckM]?(?:m|g|s|l|m/s|W|V|A|Hz|Pa|B)|km/h|mph|min|h|USD|EUR|RUB|lbs?|in|ft|hPa"
    r"|mbar|(?:км|кг|м|см|мм|г|т|л|с|мин|ч|руб|шт)\.?|int\d*|float\d*|double|string|str|object|bool")


def shaped(names: Sequence[str], chunks: Iterator[TextRows]) -> Iterator[TextRows]:
    """The same rows. Raises: InvalidInput for a header that comes again, and for lines that stand above it; once all
    rows were taken, for those whose cells stand beside their columns."""
    if len(names) == 1 and (first := next(chunks, None)) is not None:
        _check_title(names[0], first)
        chunks = chain((first,), chunks)
    shifted: ShiftedRows | None = None
    faults: list[Fault] = []
    for chunk in chunks:
        if len(names) > 1:
            _check_header_again(names, chunk)
        shifted = shifted or ShiftedRows(chunk)
        faults += shifted.faults(chunk) if len(faults) < MAX_FAULTS else ()
        yield chunk
    if faults:
        raise InvalidInput(in_words(faults), faults[:MAX_FAULTS])


def _check_header_again(names: Sequence[str], chunk: TextRows) -> None:
    if names[0] not in chunk.cells[names[0]]:
        return
    faults = [Fault(f"row {row}", "is the header again: take it out", row=row)
              for row, cells in enumerate(zip(*chunk.cells.values(), strict=True), chunk.first_row)
              if list(map(str.strip, cells)) == list(names)]
    if faults:
        raise InvalidInput(in_words(faults), faults[:MAX_FAULTS])


def _check_title(name: str, chunk: TextRows) -> None:
    lines = list(islice(chunk.cells[name], _LOOKED_AT_ROWS))
    for separator in SEPARATORS:
        rows = [next(csv.reader([line], delimiter=separator), []) for line in lines if "\n" not in line]
        if (header := _header_among(rows)) is not None:
            problem = f"stands above the header {', '.join(header)}: take it out"
            raise InvalidInput(f"the line {describe(name)} {problem}", [Fault("line 1", problem)])


def _header_among(rows: Sequence[Sequence[str]]) -> Sequence[str] | None:
    """Names that are followed by rows of as many cells, numbers among them, which names are not."""
    for position, names in enumerate(rows[:_TITLE_LINES]):
        below = rows[position + 1:]
        if len(names) > 1 and all(names) and len(set(names)) == len(names) and below and all(
                len(row) == len(names) for row in below) and not any(map(_is_number, names)) and any(
                _is_number(cell) for row in below for cell in row):
            return names
    return None


def without_units(chunks: Iterable[TextRows]) -> Iterator[TextRows]:
    """The same rows. Raises: InvalidInput for a first row of units or types: where all columns of numbers have other
    words in it."""
    for position, chunk in enumerate(chunks):
        if position == 0:
            _check_units(chunk)
        yield chunk


def _check_units(chunk: TextRows) -> None:
    columns = {name: list(islice(texts, _LOOKED_AT_ROWS)) for name, texts in chunk.cells.items()}
    firsts = [texts[0].strip() for texts in columns.values() if texts and _are_numbers(texts[1:])]
    words = {word for word in firsts if word not in MISSING_NUMBERS
             and (any(map(str.isalnum, word)) or _UNIT.fullmatch(word))}
    if not words or any(map(_is_number, firsts)):
        return
    if len(words) > 1 or all(map(_UNIT.fullmatch, words)):
        problem = f"has {', '.join(map(describe, sorted(words)))} where all other rows have numbers: take it out"
        raise InvalidInput(f"row 1: {problem}", [Fault("row 1", problem, row=1)])


def _are_numbers(texts: Sequence[str]) -> bool:
    known = [text.strip() for text in texts if text.strip() not in MISSING_NUMBERS]
    return len(known) > 1 and all(map(_is_number, known))


def _is_number(text: str) -> bool:
    return isinstance(number_of_text(text.strip()), float)
