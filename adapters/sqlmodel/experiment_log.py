"""Experiments in a table, one row each."""
from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlmodel import Session, col, select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import ExperimentRecord
from application.ports.experiment_log import ExperimentLog, UnknownExperiment
from domain.experiment import Experiment, Origin, Progress, Status
from domain.search import from_plain, to_plain
from domain.task import NAME

MAX_ID = 2**31 - 1


class SqlmodelExperimentLog(ExperimentLog):
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, experiment: Experiment) -> Experiment:
        # One at a time, so that a larger id is never seen before a smaller one.
        with self._database.write("experiment:add") as session:
            record = ExperimentRecord(**_values(experiment), id=None)
            session.add(record)
            session.flush()
            return _experiment(record)

    def get(self, experiment_id: int) -> Experiment:
        with self._database.read() as session:
            return _experiment(_found(session, experiment_id))

    def update(self, experiment_id: int, decide: Callable[[Experiment], Experiment]) -> Experiment:
        with self._database.write() as session:
            record = _found(session, experiment_id, for_update=True)
            for name, value in _values(decide(_experiment(record))).items():
                setattr(record, name, value)
            session.flush()
            return _experiment(record)

    def remove(self, experiment_id: int, decide: Callable[[Experiment], None]) -> Experiment:
        with self._database.write() as session:
            record = _found(session, experiment_id, for_update=True)
            removed = _experiment(record)
            decide(removed)
            session.delete(record)
        return removed

    def list(self, *, task: str | None = None, statuses: Collection[Status] = (), limit: int = 50,
             before: int | None = None, archived: bool | None = None, pinned: bool | None = None
             ) -> Sequence[Experiment]:
        if task is not None and not NAME.fullmatch(task):
            return []
        query = select(ExperimentRecord).order_by(col(ExperimentRecord.id).desc()).limit(min(max(limit, 0), MAX_ID))
        if task is not None:
            query = query.where(ExperimentRecord.task == task)
        if statuses:
            query = query.where(col(ExperimentRecord.status).in_([str(status) for status in statuses]))
        if before is not None:
            query = query.where(col(ExperimentRecord.id) < min(max(before, 0), MAX_ID))
        if archived is not None:
            query = query.where(col(ExperimentRecord.archived) == archived)
        if pinned is not None:
            query = query.where(col(ExperimentRecord.pinned) == pinned)
        with self._database.read() as session:
            return [_experiment(record) for record in session.exec(query)]


def _found(session: Session, experiment_id: int, for_update: bool = False) -> ExperimentRecord:
    # Ids come from callers of the API; one too large for the column would fail in the driver.
    known = 0 < experiment_id <= MAX_ID
    record = session.get(ExperimentRecord, experiment_id, with_for_update=for_update) if known else None
    if record is None:
        raise UnknownExperiment(f"there is no experiment {experiment_id}")
    return record


def _values(experiment: Experiment) -> dict[str, Any]:
    """Every field but the id."""
    values = {item.name: getattr(experiment, item.name) for item in fields(Experiment) if item.name != "id"}
    return values | {
        "status": str(experiment.status), "progress": asdict(experiment.progress), "params": dict(experiment.params),
        "metrics": {part: dict(numbers) for part, numbers in experiment.metrics.items()},
        "tags": list(experiment.tags), "origin": str(experiment.origin), "source": dict(experiment.source),
        "search": to_plain(experiment.search) if experiment.search is not None else {}}


def _experiment(record: ExperimentRecord) -> Experiment:
    values = {item.name: getattr(record, item.name) for item in fields(Experiment)}
    return Experiment(**values | {
        "status": Status(record.status), "progress": Progress(**record.progress), "origin": Origin(record.origin),
        "tags": tuple(record.tags), "search": from_plain(record.search) if record.search else None})
