"""Stored answers in memory."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from application.ports.late_labels import LateLabel, LateLabels
from application.ports.prediction_spool import SpooledRows
from application.ports.prediction_store import PredictionStore, StoredPrediction, UnstorableRows


class InMemoryPredictionStore(PredictionStore):
    """labels: what the late labels are joined from; a test that adds some later calls `join`."""

    def __init__(self, labels: LateLabels | None = None) -> None:
        self._lock, self._labels = Lock(), labels
        self._rows: dict[tuple[str, int], tuple[str, int, StoredPrediction]] = {}

    def add(self, entries: Sequence[SpooledRows]) -> None:
        if any(None in entry.rows.scores for entry in entries):
            raise UnstorableRows("a score is missing")
        with self._lock:
            for entry in entries:
                for position, row_no in enumerate(entry.rows.row_nos):
                    self._rows.setdefault((entry.entry_id, row_no), (
                        entry.rows.task, entry.rows.experiment_id, _row(entry, position)))
        self.join()

    def join(self) -> None:
        with self._lock:
            for key, (task, experiment_id, row) in self._rows.items():
                found: Sequence[LateLabel] = self._labels.get(task, [row.request_id]) if self._labels else ()
                for label in found:
                    if label.row_no == row.row_no:
                        self._rows[key] = (task, experiment_id, replace(row, label=label.label))

    def newest(self, task: str, experiment_id: int, since: datetime, limit: int,
               labelled: bool = False) -> Sequence[StoredPrediction]:
        with self._lock:
            found = [(row.created_at, key, row) for key, (of, experiment, row) in self._rows.items()
                     if (of, experiment) == (task, experiment_id) and row.created_at >= since
                     and not (labelled and row.label is None)]
        return [row for *_, row in sorted(found, key=lambda item: item[:2], reverse=True)[:limit]]

    def forget(self, before: datetime) -> int:
        with self._lock:
            kept = {key: item for key, item in self._rows.items() if item[2].created_at >= before}
            forgotten, self._rows = len(self._rows) - len(kept), kept
        return forgotten


def _row(entry: SpooledRows, position: int) -> StoredPrediction:
    rows = entry.rows
    inputs = {name: None if cells[position] != cells[position] else cells[position]
              for name, cells in rows.inputs.items()}
    return StoredPrediction(
        rows.request_id, rows.row_nos[position], rows.created_at, inputs, str(rows.predictions[position]),
        rows.scores[position], rows.labels and rows.labels[position],
        rows.probabilities and rows.probabilities[position])
