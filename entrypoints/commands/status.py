"""Where commands work, and what is there."""
from __future__ import annotations

import click
from msgspec import UNSET, UnsetType

from domain.errors import Forbidden
from domain.experiment import Status
from entrypoints.answers.answer import Answer
from entrypoints.answers.health import ReadinessAnswer
from entrypoints.answers.tasks import TaskAnswer
from entrypoints.commands.abilities import Abilities
from entrypoints.commands.abilities.experiments import Wanted
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import as_json, show, table


class TaskStatus(Answer):
    task: str
    rows: int
    experiment_id: int | None


class TrainingStatus(Answer):
    experiment_id: int
    task: str
    status: Status
    progress: float


class StatusAnswer(Answer):
    """tasks, trainings: unset where the key may not look at them."""

    place: str
    status: str
    reasons: list[str]
    warnings: list[str]
    tasks: list[TaskStatus] | UnsetType = UNSET
    trainings: list[TrainingStatus] | UnsetType = UNSET

    @classmethod
    def of(cls, place: str, readiness: ReadinessAnswer) -> StatusAnswer:
        return cls(place, readiness.status, list(readiness.reasons), list(readiness.warnings))


@click.command("status")
@as_json
def status(as_json: bool) -> None:
    """The service or the HOME that commands work on: can it serve, what serves, what trains. Exit code 1 while it
    cannot serve."""
    with asked() as progon:
        body = StatusAnswer.of(progon.place, progon.readiness())
        try:
            body.tasks = [_task(progon.task(one.name)) for one in progon.tasks().tasks]
            body.trainings = _trainings(progon)
        except Forbidden:
            pass
        show(body, as_json, lambda: _words(body))
    if body.reasons:
        raise SystemExit(1)


def _task(task: TaskAnswer) -> TaskStatus:
    return TaskStatus(task.name, task.versions[-1].rows if task.versions else 0,
                      task.deployment.experiment_id if task.deployment else None)


def _trainings(progon: Abilities) -> list[TrainingStatus]:
    found = progon.experiments(Wanted(statuses=(Status.RUNNING, Status.QUEUED))).experiments
    return [TrainingStatus(one.experiment_id, one.task, one.status, one.progress) for one in reversed(found)]


def _words(body: StatusAnswer) -> str:
    lines = [f"{body.place}: {body.status}" + (f" ({'; '.join(body.reasons)})" if body.reasons else "")]
    lines += [f"warning: {warning}" for warning in body.warnings]
    lines += [table([{"task": one.task, "rows": one.rows, "served by": one.experiment_id} for one in body.tasks])
              ] if body.tasks else []
    lines += [table([{"training": one.experiment_id, "task": one.task, "status": str(one.status),
                      "progress": f"{one.progress:.0%}"} for one in body.trainings])] if body.trainings else []
    return "\n".join(lines)
