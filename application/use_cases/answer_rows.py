"""Rows in, as many answers out, in their order."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from application.ports.serving_models import ServedModel, ServingModels
from application.serving.choosing import in_turn, key_of, of_version
from application.serving.current_request import CurrentRequest, current_request
from application.serving.wanted import go_on
from domain.exchange import Part, read_parts, some_labelled, with_lenient_target
from domain.label_reader import LabelReader
from domain.rollout import Rollout
from domain.rows import Rows


@dataclass(frozen=True, eq=False, slots=True)
class Exchange:
    """parts: made while they are taken, in the order of the rows; of a single row there already. Taking them raises
    InvalidInput naming the faulty rows and columns, or ModelCrashed."""

    served: ServedModel
    parts: Iterator[Part]


class Answering(Protocol):
    """What answers rows: the use case, and whatever is wrapped around it."""

    @abstractmethod
    def execute(self, task_name: str, rows: Rows | Iterable[Rows], labelled: bool = False,
                version: int | None = None) -> Exchange:
        """rows: some that are answered before this returns, or many that may be made while they are read. version: the
        experiment that is to answer; None for what serves, or for a canary in its turn.

        Raises: UnknownTask, NothingDeployed, UnknownVersion; of rows that are answered at once, InvalidInput and
        ModelCrashed too.
        """


class GatheredAnswering(Protocol):
    """What answers a row each of several requests at once."""

    @abstractmethod
    def gathered(self, task_name: str, requests: Sequence[CurrentRequest], rows: Sequence[Mapping[str, float | str]],
                 version: int | None = None) -> Exchange:
        """rows: of each request one, all with the features of the task in their order, coerced. version: as in
        `Answering`; what serves, if None. Returns: one part of them all, by one model. Raises: UnknownTask,
        NothingDeployed, UnknownVersion, ModelCrashed, and nothing is kept or counted."""


class AnswerRows(Answering):
    """Answers every row with the model that serves the task, in the order of the rows.

    All rows are answered by one model, also if another is deployed meanwhile. Columns that the task knows but the
    model does not use (the target, ids) may stay with the rows; of labelled ones a row may lack
    its target, but not all of them, nor the file the column. Where a canary answers a share of the requests, labelled
    rows go to what serves, and so do several rows where a column decides.
    """

    def __init__(self, models: ServingModels, timer: Callable[[], float]) -> None:
        """timer: seconds of a clock that never jumps."""
        self._models, self._timer = models, timer

    def execute(self, task_name: str, rows: Rows | Iterable[Rows], labelled: bool = False,
                version: int | None = None) -> Exchange:
        served = self._models.current(task_name)
        if version is not None:
            served = of_version(served, version)
        schema = served.task.schema
        if isinstance(rows, Rows) and not labelled:
            # The way of a single row, as short as it can be.
            part = Part(rows, rows.coerce(schema.features, schema.spare_names))
            if served.candidate is not None and version is None:
                served = in_turn(served, _key(served.candidate.rollout, part))
            return Exchange(served, iter((self._answered(served, part),)))
        if served.candidate is not None and version is None and not labelled:
            served = in_turn(served, _key(served.candidate.rollout, None))
        chunks = [rows] if isinstance(rows, Rows) else rows
        columns = with_lenient_target((*schema.features, schema.target)) if labelled else schema.features
        parts = read_parts(chunks, columns, schema.spare_names, LabelReader(served.task) if labelled else None)
        if labelled:
            # Here and not where they are judged: answers are kept once all of them were taken.
            parts = some_labelled(parts, served.task)
        answered = (self._answered(served, part) for part in parts)
        return Exchange(served, iter(list(answered)) if isinstance(rows, Rows) else answered)

    def _answered(self, served: ServedModel, part: Part) -> Part:
        go_on()
        began = self._timer()
        predictions = served.runner.predict(part.table.without((served.task.schema.target.name,))
                                            if part.targets is not None else part.table)
        return Part(part.rows, part.table, part.targets, predictions, self._timer() - began)


def _key(rollout: Rollout, part: Part | None) -> str | None:
    """What decides whether the canary answers. part: of all that is asked; None where that is not read yet."""
    if rollout.by is None:
        request = current_request.get()
        return None if request is None else request.id
    if part is None or part.rows.n_rows != 1:
        return None
    cells = part.table if rollout.by in part.table else part.rows.marks([rollout.by])
    return key_of(cells[rollout.by][0]) if rollout.by in cells else None
