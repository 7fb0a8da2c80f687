"""Answers in the table prediction_log, a row each."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice, pairwise
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Text, Tuple, any_, cast, exc, func, literal, literal_column, select, tuple_
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, delete

from adapters.sqlmodel.column_types import PlainText, UtcDateTime
from adapters.sqlmodel.database import Database
from adapters.sqlmodel.late_labels import JOIN_LOCK, VARIABLES
from adapters.sqlmodel.models import LateLabelRecord, PredictionRecord
from application.ports.prediction_spool import SpooledRows
from application.ports.prediction_store import Place, PredictionStore, StoredPrediction, UnstorableRows, Wanted
from application.serving.wanted import while_wanted

_COLUMNS = ("entry_id", "row_no", "request_id", "created_at", "route", "task", "experiment_id", "inputs", "prediction",
            "score", "label", "latency_s", "probabilities", "shadow")
_KEY = ("late_label.task = prediction_log.task AND late_label.request_id = prediction_log.request_id "
        "AND late_label.row_no = prediction_log.row_no")
_JOIN = (f"UPDATE prediction_log SET label = (SELECT label FROM late_label WHERE {_KEY}) "
         f"WHERE entry_id = {{0}} AND EXISTS (SELECT 1 FROM late_label WHERE {_KEY})")
# Between which it rests, where others are to have the processor.
_ROWS_IN_A_PIECE = 25
_Row = tuple[object, ...]
_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode


class SqlmodelPredictionStore(PredictionStore):
    def __init__(self, database: Database) -> None:
        self._database, self._is_sqlite = database, database.is_sqlite
        mark = "?" if database.is_sqlite else "%s"
        self._insert = (f"INSERT INTO prediction_log ({', '.join(_COLUMNS)}) "
                        f"VALUES ({', '.join([mark] * len(_COLUMNS))}) ON CONFLICT DO NOTHING")
        self._join = _JOIN.format(mark)
        self._moment = _sqlite_moment if database.is_sqlite else lambda moment: moment

    def add(self, entries: Sequence[SpooledRows]) -> None:
        if not entries:
            return
        # Made before the transaction, in which everybody else who writes waits.
        pieces = list(while_wanted(_pieces(chain.from_iterable(
            _rows(entry, self._moment(entry.rows.created_at)) for entry in entries))))
        try:
            with self._database.write(JOIN_LOCK) as session:
                connection = session.connection()
                for piece in while_wanted(pieces):
                    connection.exec_driver_sql(self._insert, piece)
                if labelled := _labelled(session, entries):
                    connection.exec_driver_sql(self._join, labelled)
        except (exc.DataError, exc.IntegrityError) as failure:
            raise UnstorableRows(f"the database refuses a row: {type(failure.orig).__name__}") from failure

    def newest(self, wanted: Wanted, limit: int, before: Place | None = None) -> Sequence[StoredPrediction]:
        query = select(*SHOWN).where(*conditions_of(wanted), *_after(before))
        query = query.order_by(*(column.desc() for column in PLACE)).limit(limit)
        with self._database.read() as session:
            return [stored(*row) for row in session.execute(query)]

    def counts(self, task: str, edges: Sequence[datetime]) -> Sequence[int]:
        # From the index alone, a few dozen times.
        spans = [select(func.count()).where(*conditions_of(Wanted(task, since=since, until=until))).scalar_subquery()
                 for since, until in pairwise(edges)]
        with self._database.read() as session:
            return list(session.execute(select(*spans)).one())

    def sample(self, wanted: Wanted, most: int) -> Sequence[StoredPrediction]:
        conditions = list(conditions_of(wanted))
        with self._database.read() as session:
            n_rows = session.execute(select(func.count()).where(*conditions)).scalar_one()
            if n_rows > most:
                conditions = [self._every(-(-n_rows // most), conditions)]
            query = select(*SHOWN).where(*conditions).order_by(col(_RECORD.created_at))
            return [stored(*row) for row in session.execute(query)] if n_rows else []

    def _every(self, step: int, conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
        """The first of each `step` rows. Which they are is found in the index; both databases know a row by where it
        lies, which the index tells, and reading the others would be the better part of the work."""
        where: ColumnElement[Any] = literal_column("prediction_log.rowid" if self._is_sqlite else "prediction_log.ctid")
        number = func.row_number().over(order_by=col(_RECORD.created_at))
        rows = select(where.label("place"), number.label("number")).select_from(_RECORD).where(*conditions).subquery()
        chosen = select(rows.c.place).where((rows.c.number - 1) % step == 0)
        return where.in_(chosen) if self._is_sqlite else where == any_(func.array(chosen.scalar_subquery()))

    def forget(self, before: datetime) -> int:
        with self._database.write() as session:
            return session.exec(delete(PredictionRecord).where(col(PredictionRecord.created_at) < before)).rowcount


_RECORD = PredictionRecord
PLACE: tuple[Mapped[Any], ...] = (col(_RECORD.created_at), col(_RECORD.entry_id), col(_RECORD.row_no))
SHOWN = (*PLACE, col(_RECORD.request_id), col(_RECORD.route), col(_RECORD.task), col(_RECORD.experiment_id),
         cast(_RECORD.inputs, Text), col(_RECORD.prediction), col(_RECORD.score), col(_RECORD.label),
         col(_RECORD.latency_s), cast(_RECORD.probabilities, Text))


def conditions_of(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield col(_RECORD.task) == wanted.task
    yield col(_RECORD.shadow).is_(wanted.shadow)
    for name in ("experiment_id", "request_id", "prediction", "label"):
        if (value := getattr(wanted, name)) is not None:
            yield getattr(_RECORD, name) == value
    if wanted.labelled:
        yield col(_RECORD.label).is_not(None)
    if wanted.since is not None:
        yield col(_RECORD.created_at) >= wanted.since
    if wanted.until is not None:
        yield col(_RECORD.created_at) < wanted.until


def _after(place: Place | None) -> Iterator[ColumnElement[bool]]:
    if place is not None:
        yield tuple_(*PLACE) < placed(place)


def placed(place: Place) -> Tuple:
    """As the columns keep it."""
    created_at, entry_id = literal(place.created_at, UtcDateTime()), literal(place.entry_id, PlainText())
    return tuple_(created_at, entry_id, literal(place.row_no))


def stored(created_at: datetime, entry_id: str, row_no: int, request_id: str, route: str, task: str,
           experiment_id: int, inputs: str, prediction: str, score: float, label: str | None, latency_s: float,
           probabilities: str | None) -> StoredPrediction:
    # JSON comes as text: msgspec reads it in a tenth of the time of what SQLAlchemy would read it with.
    return StoredPrediction(Place(created_at, entry_id, row_no), request_id, route, task, experiment_id,
                            _decode(inputs), prediction, score, label, latency_s,
                            None if probabilities is None else _decode(probabilities))


def _labelled(session: Session, entries: Sequence[SpooledRows]) -> list[tuple[str]]:
    """The ids of the entries that late labels may have come for before. Of single rows, of which there are the most,
    those of whose requests some did; a request of many rows may have as many labels, and is not looked for."""
    of_task: dict[str, list[str]] = {}
    for entry in entries:
        if entry.rows.n_rows == 1:
            of_task.setdefault(entry.rows.task, []).append(entry.rows.request_id)
    found = {(task, request_id) for task, request_ids in of_task.items()
             for request_id in _with_labels(session, task, request_ids)}
    return [(entry.entry_id,) for entry in entries
            if entry.rows.n_rows > 1 or (entry.rows.task, entry.rows.request_id) in found]


def _with_labels(session: Session, task: str, request_ids: Sequence[str]) -> Iterator[str]:
    of_task = select(col(LateLabelRecord.request_id)).where(col(LateLabelRecord.task) == task)
    if session.execute(of_task.limit(1)).first() is None:  # as of most tasks, and this is quick
        return
    for start in range(0, len(request_ids), VARIABLES):
        some = request_ids[start:start + VARIABLES]
        yield from session.execute(of_task.where(col(LateLabelRecord.request_id).in_(some)).distinct()).scalars()


def _pieces(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    while piece := list(islice(rows, _ROWS_IN_A_PIECE)):
        yield piece


def _rows(entry: SpooledRows, created_at: object) -> Iterator[_Row]:
    rows, names = entry.rows, tuple(entry.rows.inputs)
    nothing = [None] * rows.n_rows
    cells = zip(*rows.inputs.values(), strict=True) if names else [()] * rows.n_rows
    shares = map(_text, rows.probabilities or nothing)
    of_rows = zip(rows.row_nos, cells, rows.predictions, rows.scores, rows.labels or nothing, shares, strict=True)
    for row_no, values, prediction, score, label, probability in of_rows:
        yield (entry.entry_id, row_no, rows.request_id, created_at, rows.route, rows.task, rows.experiment_id,
               _encode(dict(zip(names, values, strict=True))).decode(), str(prediction), score, label, rows.latency_s,
               probability, rows.shadow)


def _text(probabilities: Sequence[float] | None) -> str | None:
    return None if probabilities is None else _encode(probabilities).decode()


def _sqlite_moment(moment: datetime) -> str:
    """As SQLAlchemy writes it there."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
