"""The tables that hold the rows of one task: their names, their columns and the SQL that makes and reads them."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.columns.rules import Form
from domain.schema import Column
from domain.task import Task

# A PostgreSQL row must fit a page of 8 kB once its long values have moved out; one that stays takes 24 bytes at most.
MAX_PART_BYTES = 7_800
COLUMN_BYTES = {Form.NUMBERS: 9, Form.TEXTS: 24, Form.ARRAYS: 24}
MAX_NAME_BYTES = 63
MAX_SEGMENTS = 1_000
# Ours, and those that SQLite and PostgreSQL keep for themselves.
RESERVED = frozenset({"batch", "row_no", "rowid", "oid", "_rowid_", "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
# Of a picture the rows hold the digest.
SQL_TYPES = {Form.NUMBERS: "DOUBLE PRECISION", Form.TEXTS: "TEXT", Form.ARRAYS: "TEXT"}


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows start to stop of one batch."""

    batch: int
    start: int
    stop: int
    whole: bool


@dataclass(frozen=True)
class Part:
    """One table. Nearly always a task has one; very wide ones are cut, with the same keys in each part."""

    table: str
    columns: tuple[Column, ...]
    names: tuple[str, ...]

    def only(self, wanted: Sequence[str]) -> Part:
        """The same table with these columns alone, of those that it has."""
        kept = [(column, name) for column, name in zip(self.columns, self.names, strict=True) if column.name in wanted]
        return Part(self.table, tuple(column for column, _ in kept), tuple(name for _, name in kept))

    def create_sql(self) -> str:
        columns = [f'"{name}" {SQL_TYPES[column.rules.form]}'
                   for name, column in zip(self.names, self.columns, strict=True)]
        return (f'CREATE TABLE IF NOT EXISTS "{self.table}" (batch INTEGER NOT NULL, row_no INTEGER NOT NULL, '
                f'{", ".join(columns)}, PRIMARY KEY (batch, row_no))')

    def add_sql(self, there: Collection[str]) -> list[str]:
        """For the columns that are missing among those that the table has."""
        return [f'ALTER TABLE "{self.table}" ADD COLUMN "{name}" {SQL_TYPES[column.rules.form]}'
                for name, column in zip(self.names, self.columns, strict=True) if name not in there]

    def select_sql(self, segments: Sequence[Segment]) -> str:
        """The rows of the segments, by batch id and then in their order."""
        return (f'SELECT {self.quoted_names} FROM "{self.table}" WHERE {_where(segments)} ORDER BY batch, row_no')

    @property
    def quoted_names(self) -> str:
        return ", ".join(f'"{name}"' for name in self.names)


@lru_cache(maxsize=128)
def parts_of(task_name: str, columns: tuple[Column, ...]) -> tuple[Part, ...]:
    # What a later schema version took in stands behind what was there, so that nothing there changes its place.
    columns = tuple(sorted(columns, key=lambda column: column.since))
    names = database_names(column.name for column in columns)
    groups: list[list[int]] = [[]]
    size = 0
    for position, column in enumerate(columns):
        size += COLUMN_BYTES[column.rules.form]
        if size > MAX_PART_BYTES:
            groups.append([])
            size = COLUMN_BYTES[column.rules.form]
        groups[-1].append(position)
    return tuple(
        Part(table_name(task_name, number), tuple(columns[i] for i in group), tuple(names[i] for i in group))
        for number, group in enumerate(groups, start=1))


def parts_of_task(task: Task) -> tuple[Part, ...]:
    return parts_of(task.name, task.schema.stored)


def table_name(task_name: str, part: int) -> str:
    """A $ stands in no name of a task, so that no two tasks meet."""
    return f"features_{task_name}" if part == 1 else f"features_{task_name}${part}"


def tables_of(task_name: str, existing: Iterable[str]) -> list[str]:
    return [name for name in existing if name.split("$")[0] == table_name(task_name, 1)]


def database_names(names: Iterable[str]) -> list[str]:
    """Safe column names, each readable as its original, all different even where case is ignored."""
    taken = set(RESERVED)
    return [_free_name(_slug(name), taken) for name in names]


def _slug(name: str) -> str:
    plain = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name).lower()).strip("_")
    return plain or "column"


def _free_name(slug: str, taken: set[str]) -> str:
    number, free = 1, _cut(slug, "")
    while free in taken:
        number += 1
        free = _cut(slug, f"_{number}")
    taken.add(free)
    return free


def _cut(slug: str, suffix: str) -> str:
    """PostgreSQL cuts longer names in silence, and then two of them may be one."""
    return slug.encode()[:MAX_NAME_BYTES - len(suffix)].decode(errors="ignore") + suffix


def segments_of(batches: Sequence[tuple[int, int]], chunk_rows: int) -> Iterator[list[Segment]]:
    """What to read for each chunk. batches: id and number of rows, in the order of their versions."""
    chunk: list[Segment] = []
    room = chunk_rows
    for batch, n_rows in batches:
        start = 0
        while start < n_rows:
            stop = min(n_rows, start + room)
            chunk.append(Segment(batch, start, stop, whole=stop - start == n_rows))
            room -= stop - start
            start = stop
            if not room or len(chunk) == MAX_SEGMENTS:
                yield chunk
                chunk, room = [], chunk_rows
    if chunk:
        yield chunk


def _where(segments: Sequence[Segment]) -> str:
    whole = ", ".join(str(segment.batch) for segment in segments if segment.whole)
    conditions = [f"batch IN ({whole})"] if whole else []
    conditions += [f"(batch = {segment.batch} AND row_no >= {segment.start} AND row_no < {segment.stop})"
                   for segment in segments if not segment.whole]
    return " OR ".join(conditions)
