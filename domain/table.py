"""Rows as columns: the one shape in which tabular data moves between the parts."""
from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Array


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Columns of equal length by name.

    A number column is float64[n_rows] with NaN for missing, or float32[n_rows] of finite numbers that came so and are
    only to be answered; a category column is object[n_rows] of str with "" for missing. A picture column is
    object[n_rows] of uint8 or uint16[height, width, channels], a mask column object[n_rows] of uint8[height, width],
    positions of classes. The order of `columns` is the order of the schema that made it.
    """

    columns: Mapping[str, Array]

    @property
    def n_rows(self) -> int:
        return next((len(column) for column in self.columns.values()), 0)

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def select(self, names: Iterable[str]) -> Table:
        return Table({name: self.columns[name] for name in names})

    def without(self, names: Iterable[str]) -> Table:
        dropped = set(names)
        return Table({name: column for name, column in self.columns.items() if name not in dropped})

    def take(self, rows: Array | slice) -> Table:
        """Rows by position, mask or slice; a slice copies nothing."""
        return Table({name: column[rows] for name, column in self.columns.items()})

    def chunks(self, size_rows: int) -> Iterator[Table]:
        for start in range(0, self.n_rows, size_rows):
            yield self.take(slice(start, start + size_rows))


class FewRows(Table):
    """A table of a row or a few that are kept as plain cells, float or str; its columns are made when somebody asks for
    them, which takes longer than all else that is done with a row."""

    __slots__ = ("rows", "_made")
    rows: Sequence[Mapping[str, float | str]]
    _made: Mapping[str, Array] | None

    def __init__(self, rows: Sequence[Mapping[str, float | str]]) -> None:
        """rows: at least one, all with the same columns in the same order."""
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "_made", None)

    @property
    def columns(self) -> Mapping[str, Array]:
        if self._made is None:
            object.__setattr__(self, "_made", {
                name: _column([cells[name] for cells in self.rows]) for name in self.rows[0]})
        assert self._made is not None
        return self._made

    @property
    def n_rows(self) -> int:
        return len(self.rows)

    def __contains__(self, name: object) -> bool:
        return name in self.rows[0]

    def select(self, names: Iterable[str]) -> Table:
        wanted = list(names)
        return self if wanted == list(self.rows[0]) else super().select(wanted)


def _column(cells: Sequence[float | str]) -> Array:
    return np.array(cells, dtype=object if isinstance(cells[0], str) else np.float64)


def concat(tables: Sequence[Table]) -> Table:
    """One table of the rows of all, in order; the columns are those of the first."""
    return Table({name: np.concatenate([table[name] for table in tables]) for name in tables[0].columns})


def _cell_bytes(values: Array) -> Iterator[bytes]:
    """What tells one object column from another: the length, or the shape and type, keeps "a", "b" from being "ab"."""
    if len(values) and isinstance(values[0], np.ndarray):
        for pixels in values:
            yield f"{pixels.shape}{pixels.dtype.name}".encode()
            yield np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<")).tobytes()
    else:
        # JSON's unit separator cannot be typed in a cell by accident.
        yield "".join(f"{len(text)}\x1f{text}" for text in values.tolist()).encode(errors="surrogatepass")


def _of_one_nan(numbers: Array) -> Array:
    """A missing number may come as any of the many NaNs there are, of other bits and the same meaning."""
    missing = np.isnan(numbers)
    return np.where(missing, np.nan, numbers) if missing.any() else numbers


def digest_of(tables: Iterable[Table]) -> str:
    """Of all the tables together."""
    digest = TableDigest()
    for table in tables:
        digest.update(table)
    return digest.hexdigest()


class TableDigest:
    """SHA-256 of a table's content, whatever its chunks, column order, separators or quoting were."""

    def __init__(self) -> None:
        self._columns: dict[str, hashlib._Hash] = {}
        self._rounded: dict[str, hashlib._Hash] = {}

    def update(self, table: Table) -> None:
        for name, values in table.columns.items():
            digest = self._columns.setdefault(name, hashlib.sha256())
            if values.dtype == object:
                for part in _cell_bytes(values):
                    digest.update(part)
            else:
                numbers = _of_one_nan(values)
                digest.update(np.ascontiguousarray(numbers, dtype="<f8").tobytes())
                rounded = self._rounded.setdefault(name, hashlib.sha256())
                with np.errstate(over="ignore"):
                    rounded.update(np.ascontiguousarray(numbers, dtype="<f4").tobytes())

    def hexdigest(self) -> str:
        return _joined(self._columns)

    def other_names(self, stored: Iterable[str]) -> list[str]:
        """Digests under which the same rows may be known: of files that had none of the columns beside `stored`, and of
        versions of this program that kept numbers as 32-bit floats."""
        kept = {name: self._columns[name] for name in stored}
        return [_joined(kept), _joined(kept | {name: self._rounded[name] for name in kept if name in self._rounded})]


def _joined(columns: Mapping[str, hashlib._Hash]) -> str:
    whole = hashlib.sha256()
    for name in sorted(columns):
        whole.update(f"{name}\x1f{columns[name].hexdigest()}\x1e".encode())
    return whole.hexdigest()
