"""Ways of handing a table to onnxruntime: column by column to the whole file, or as one matrix to the tail of it."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import onnxruntime

from adapters.onnx.session import open_session, read_proto
from adapters.onnx.split import Split, split
from application.ports.model_runner import UnreadableModel
from domain import parity
from domain.arrays import Array
from domain.errors import ModelRejected
from domain.prediction import ModelCard
from domain.table import Table


class Way(Protocol):
    @abstractmethod
    def run(self, table: Table) -> list[Array]:
        """The outputs, in the order of the card's."""


class Whole(Way):
    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._run = session.run
        self._inputs = [tensor.name for tensor in session.get_inputs()]
        self._outputs = [tensor.name for tensor in session.get_outputs()]

    def run(self, table: Table) -> list[Array]:
        outputs: list[Array] = self._run(
            self._outputs, {name: _as_tensor(table.columns[name]) for name in self._inputs})
        return outputs


class Cut(Way):
    def __init__(self, parts: Split, session: onnxruntime.InferenceSession, outputs: Sequence[str]) -> None:
        self._feed, self._matrix = parts.feed, parts.matrix
        self._run, self._outputs = session.run, list(outputs)

    def run(self, table: Table) -> list[Array]:
        outputs: list[Array] = self._run(self._outputs, {self._matrix: self._feed(table)})
        return outputs


def quickest(session: onnxruntime.InferenceSession, model: bytes, card: ModelCard, threads: int) -> Way:
    """session: of the whole file, which is let go of where the file can be cut: then nothing of it stays in memory."""
    whole = Whole(session)
    try:
        rows, _ = parity.read_probe(card.metadata.get("probe", ""), card.features, card.labels)
    except ModelRejected:
        return whole  # nothing to compare by
    if (parts := split(read_proto(model))) is None:
        return whole
    try:
        cut = Cut(parts, open_session(parts.tail, threads), [tensor.name for tensor in card.outputs])
        return cut if all(_same(whole, cut, table) for table in _tables(card, rows)) else whole
    except UnreadableModel:
        return whole


def _tables(card: ModelCard, rows: Table) -> list[Table]:
    """Rows to compare by: the probe's, one of them alone, and values that are missing, unseen or at an end."""
    odd = {column.name: np.resize(column.rules.odd_values(np.empty(0, np.float32)), rows.n_rows)
           for column in card.features}
    mixed = {name: np.where(np.arange(rows.n_rows) % 2, odd[name], rows[name]) for name in odd}
    return [rows, rows.take(slice(0, 1)), Table(odd), Table(mixed)]


def _same(whole: Way, cut: Way, table: Table) -> bool:
    """To the bit. A file of another maker may fail on odd values, and then it is left whole."""
    try:
        return all(np.array_equal(one, other) for one, other in zip(whole.run(table), cut.run(table), strict=True))
    except Exception:  # onnxruntime raises a bare class per status code, without a common base
        return False


def _as_tensor(column: Array) -> Array:
    """[n, 1], float32 or str."""
    return (column if column.dtype == object else column.astype(np.float32, copy=False)).reshape(-1, 1)
