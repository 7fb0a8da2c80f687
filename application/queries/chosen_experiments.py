"""Experiments by what they say."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from application.ports.experiment_log import ExperimentLog
from application.ports.task_catalog import TaskCatalog
from domain.experiment import Experiment, Status
from domain.experiment_facts import (
    NEWEST_FIRST,
    Order,
    check_names,
    condition_of,
    facts_of,
    found_by,
    known_names,
    ordered,
)

_READ_AT_ONCE = 1000


class Archived(StrEnum):
    NO = "no"
    ONLY = "only"
    ALL = "all"

    @property
    def asked_of_log(self) -> bool | None:
        return None if self is Archived.ALL else self is Archived.ONLY


@dataclass(frozen=True, slots=True)
class Wish:
    """condition: as `domain.conditions` reads it. order: as `Order` does; the newest first if None. words: in the name,
    the note or a tag. before: ids below it alone."""

    task: str | None = None
    status: Status | None = None
    condition: str | None = None
    order: str | None = None
    words: str | None = None
    archived: Archived = Archived.NO
    pinned: bool | None = None
    before: int | None = None
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Chosen:
    """matched: how many there are on all pages. names: by which those of the task can be chosen, put in order and
    shown."""

    experiments: Sequence[Experiment]
    matched: int
    names: Sequence[str]


class ChosenExperiments:
    def __init__(self, log: ExperimentLog, tasks: TaskCatalog) -> None:
        self._log, self._tasks = log, tasks

    def of(self, wish: Wish) -> Chosen:
        """Raises: InvalidInput of a condition or an order that cannot be read, or that names what no experiment has;
        UnknownTask."""
        condition, order = condition_of(wish.condition), Order.parse(wish.order) if wish.order else NEWEST_FIRST
        metrics = self._tasks.get(wish.task).rules.metrics if wish.task is not None else ()
        rows = [(experiment, facts_of(experiment)) for experiment in self._read(wish)]
        names = known_names((facts for _, facts in rows), metrics)
        check_names(condition, order, names)
        met = [(experiment, facts) for experiment, facts in rows if (condition is None or condition.test(facts))
               and (not wish.words or found_by(experiment, wish.words))]
        return Chosen(ordered(met, order)[wish.offset:wish.offset + wish.limit], len(met), names)

    def _read(self, wish: Wish) -> Iterator[Experiment]:
        before = wish.before
        while True:
            found = self._log.list(
                task=wish.task, statuses={wish.status} if wish.status else (), limit=_READ_AT_ONCE, before=before,
                archived=wish.archived.asked_of_log, pinned=wish.pinned)
            yield from found
            if len(found) < _READ_AT_ONCE:
                return
            before = found[-1].id
