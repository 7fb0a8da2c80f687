"""Ways of handing a table to onnxruntime: column by column to the whole file, or as one matrix to the tail of it."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
import onnx
import onnxruntime

from adapters.onnx.kept_sessions import KeptSessions, memory_of
from adapters.onnx.session import open_session, read_proto
from adapters.onnx.split import Split, split
from adapters.onnx.tiles import READY_ROWS, TILE_ROWS
from application.ports.model_runner import UnreadableModel
from domain import parity
from domain.arrays import Array
from domain.errors import ModelRejected
from domain.prediction import ModelCard
from domain.table import Table
from domain.text_cells import CodedTexts, labelled

# What has so few weights, as a linear model has, makes little of a row, and does so quickest with many at once.
SMALL_BYTES = 64 << 10
# As a session's, and as one's that may be closed in between.
Run = Callable[[Sequence[str], Mapping[str, Array]], list[Array]]


class Way(Protocol):
    """tile_rows: how many it is best asked at once."""

    tile_rows: int = TILE_ROWS

    @abstractmethod
    def run(self, table: Table) -> list[Array]:
        """The outputs, in the order of the card's."""

    def runs(self, table: Table, tiles: Iterable[slice]) -> Iterator[list[Array]]:
        """As `run`, of these rows each."""
        return (self.run(table.take(tile)) for tile in tiles)


class Whole(Way):
    def __init__(self, run: Run, card: ModelCard) -> None:
        self._run = run
        self._inputs, self._outputs = ([tensor.name for tensor in tensors] for tensors in (card.inputs, card.outputs))

    def run(self, table: Table) -> list[Array]:
        return self._run(
            self._outputs, {name: _as_tensor(table.columns[name]) for name in self._inputs})


class Cut(Way):
    def __init__(self, parts: Split, run: Run, outputs: Sequence[str], tile_rows: int = TILE_ROWS) -> None:
        self.tile_rows = tile_rows
        self._feed, self._matrix = parts.feed, parts.matrix
        self._run, self._outputs = run, list(outputs)
        self._label = self._outputs.index(parts.labels[0]) if parts.labels else None
        self._labels = parts.labels[1] if parts.labels else ()

    def run(self, table: Table) -> list[Array]:
        return self._named(self._run(self._outputs, {self._matrix: self._feed(table)}))

    def runs(self, table: Table, tiles: Iterable[slice]) -> Iterator[list[Array]]:
        matrix = self._feed(table)
        return (self._named(self._run(self._outputs, {self._matrix: matrix[tile]})) for tile in tiles)

    def _named(self, outputs: list[Array]) -> list[Array]:
        if self._label is not None:
            outputs[self._label] = labelled(self._labels, outputs[self._label])
        return outputs


def quickest(session: onnxruntime.InferenceSession, model: bytes, card: ModelCard, threads: int,
             sessions: KeptSessions) -> Way:
    """session: of the whole file, which is let go of where the file can be cut: then nothing of it stays in memory."""
    proto = read_proto(model)
    memory_bytes, whole = memory_of(proto), Whole(session.run, card)
    if cut := _cut(proto, card, threads, sessions, whole):
        return cut
    return Whole(sessions.keep(lambda: open_session(model, threads), memory_bytes, session).run, card)


def _cut(proto: onnx.ModelProto, card: ModelCard, threads: int, sessions: KeptSessions, whole: Whole) -> Cut | None:
    """Where it answers as `whole` does. `proto` is taken apart."""
    try:
        rows, _ = parity.read_probe(card.metadata.get("probe", ""), card.features, card.labels)
        if (parts := split(proto)) is None:
            return None
        tail, outputs = open_session(parts.tail, threads), [tensor.name for tensor in card.outputs]
    except (ModelRejected, UnreadableModel):  # nothing to compare by, or nothing to compare
        return None
    if not all(_same(whole, Cut(parts, tail.run, outputs), table) for table in _tables(card, rows)):
        return None
    memory_bytes = memory_of(read_proto(parts.tail))
    kept = sessions.keep(lambda: open_session(parts.tail, threads), memory_bytes, tail)
    return Cut(parts, kept.run, outputs, READY_ROWS if memory_bytes <= SMALL_BYTES else TILE_ROWS)


def _tables(card: ModelCard, rows: Table) -> list[Table]:
    """Rows to compare by: the probe's, one of them alone, and values that are missing, unseen or at an end; as arrays
    and, where they are texts, as those that know their codes."""
    odd = {column.name: np.resize(column.rules.odd_values(np.empty(0, np.float32)), rows.n_rows)
           for column in card.features}
    mixed = {name: np.where(np.arange(rows.n_rows) % 2, odd[name], rows[name]) for name in odd}
    return [rows, rows.take(slice(0, 1)), Table(odd), Table(mixed), _coded(rows), _coded(Table(mixed))]


def _coded(table: Table) -> Table:
    return Table({name: CodedTexts.like(column) if column.dtype == object else column
                  for name, column in table.columns.items()})


def _same(whole: Way, cut: Way, table: Table) -> bool:
    """To the bit; where neither has a number (NaN), too. A file of another maker may fail on odd values, and then it is
    left whole."""
    try:
        return all(np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
                   for one, other in zip(whole.run(table), cut.run(table), strict=True))
    except Exception:  # onnxruntime raises a bare class per status code, without a common base
        return False


def _as_tensor(column: Array) -> Array:
    """[n, 1], float32 or str. What came in a body may begin anywhere in it, and the runtime reads it where it is."""
    tensor = column if column.dtype == object else column.astype(np.float32, copy=not column.flags.aligned)
    return tensor.reshape(-1, 1)
