"""Stored answers in memory."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from threading import Lock

from application.ports.late_labels import LateLabels
from application.ports.prediction_spool import SpooledRows
from application.ports.prediction_store import Place, PredictionStore, StoredPrediction, UnstorableRows, Wanted
from domain.late_labels import LateLabel


class InMemoryPredictionStore(PredictionStore):
    """labels: what the late labels are joined from; a test that adds some later calls `join`."""

    def __init__(self, labels: LateLabels | None = None) -> None:
        self._lock, self._labels = Lock(), labels
        self._rows: dict[tuple[str, int], StoredPrediction] = {}
        self._shadows: set[str] = set()

    def add(self, entries: Sequence[SpooledRows]) -> None:
        if any(None in entry.rows.scores for entry in entries):
            raise UnstorableRows("a score is missing")
        with self._lock:
            for entry in entries:
                if entry.rows.shadow:
                    self._shadows.add(entry.entry_id)
                for position, row_no in enumerate(entry.rows.row_nos):
                    self._rows.setdefault((entry.entry_id, row_no), _row(entry, position))
        self.join()

    def join(self) -> None:
        with self._lock:
            for key, row in self._rows.items():
                found: Sequence[LateLabel] = self._labels.get(row.task, [row.request_id]) if self._labels else ()
                for label in found:
                    if label.row_no == row.row_no:
                        self._rows[key] = replace(row, label=label.label)

    def newest(self, wanted: Wanted, limit: int, before: Place | None = None) -> Sequence[StoredPrediction]:
        with self._lock:
            found = [row for row in self._rows.values() if self._is_wanted(row, wanted)
                     and (before is None or row.place < before)]
        return sorted(found, key=lambda row: row.place, reverse=True)[:limit]

    def counts(self, task: str, edges: Sequence[datetime]) -> Sequence[int]:
        with self._lock:
            return [sum(self._is_wanted(row, Wanted(task, since=since, until=until)) for row in self._rows.values())
                    for since, until in pairwise(edges)]

    def sample(self, wanted: Wanted, most: int) -> Sequence[StoredPrediction]:
        with self._lock:
            found = sorted((row for row in self._rows.values() if self._is_wanted(row, wanted)),
                           key=lambda row: row.place)
        return found[::-(-len(found) // most) or 1]

    def _is_wanted(self, row: StoredPrediction, wanted: Wanted) -> bool:
        same = all(getattr(wanted, name) in (None, getattr(row, name))
                   for name in ("task", "experiment_id", "request_id", "prediction", "label"))
        return (same and not (wanted.labelled and row.label is None)
                and wanted.shadow == (row.place.entry_id in self._shadows)
                and (wanted.since is None or row.created_at >= wanted.since)
                and (wanted.until is None or row.created_at < wanted.until))

    def remove(self, task: str, up_to_experiment: int) -> int:
        """For the port TaskTraces."""
        with self._lock:
            kept = {key: row for key, row in self._rows.items()
                    if row.task != task or row.experiment_id > up_to_experiment}
            removed, self._rows = len(self._rows) - len(kept), kept
        return removed

    def forget(self, before: datetime) -> int:
        with self._lock:
            kept = {key: row for key, row in self._rows.items() if row.created_at >= before}
            forgotten, self._rows = len(self._rows) - len(kept), kept
        return forgotten


def _row(entry: SpooledRows, position: int) -> StoredPrediction:
    rows, labels, probabilities = entry.rows, entry.rows.labels, entry.rows.probabilities
    inputs = {name: None if cells[position] != cells[position] else cells[position]
              for name, cells in rows.inputs.items()}
    return StoredPrediction(
        Place(rows.created_at, entry.entry_id, rows.row_nos[position]), rows.request_id, rows.route, rows.task,
        rows.experiment_id, inputs, str(rows.predictions[position]), rows.scores[position],
        None if labels is None else labels[position], rows.latency_s,
        None if probabilities is None else probabilities[position])
