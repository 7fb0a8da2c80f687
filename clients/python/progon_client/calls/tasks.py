"""Tasks, and what trains them."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from progon_client import uploads
from progon_client.answers.tasks import CreatedTask, DeletedTask, Looked, Task, Tasks
from progon_client.answers.trainers import Trainers
from progon_client.answers.words import Problem
from progon_client.call import Call, Repeat, json_call
from progon_client.calls.answering import LONG_S
from progon_client.uploads import TableLike


def tasks() -> Call[Tasks]:
    """All tasks, by name."""
    return json_call(Tasks, "GET", "/tasks")


def task(name: str, *, schema_version: int | None = None) -> Call[Task]:
    """A task, its dataset versions and what serves it."""
    return json_call(Task, "GET", "/tasks/{name}", at={"name": name}, query={"schema_version": schema_version})


def look(data: TableLike, *, charset: str | None = None) -> Call[Looked]:
    """What a file holds, before it makes a task: its columns, with what each would be and a few of its values."""
    return json_call(Looked, "POST", "/tasks/look", files={"file": uploads.table(data, charset)}, wait_s=LONG_S)


def create_task(
    name: str, data: TableLike, *, target: str | None = None, problem: Problem | None = None,
    split_by: str | None = None, split_by_time: str | None = None, positive: str | None = None, dry_run: bool = False,
    charset: str | None = None,
) -> Call[CreatedTask]:
    """A task that is inferred of its first data, a table or a zip of labelled pictures.

    target: the column to predict, of a table. split_by: a column whose groups stay together. split_by_time: a column
    of dates, of which the newest are held out. positive: of two classes the one that scores are of. dry_run: what would
    be made, and nothing is kept.
    """
    said = {"name": name, "target": target, "problem": problem, "split_by": split_by, "split_by_time": split_by_time,
            "positive": positive, "dry_run": dry_run}
    return json_call(CreatedTask, "POST", "/tasks", files={"file": uploads.table(data, charset)}, fields=said,
                     repeat=Repeat.BY_KEY,
                     wait_s=LONG_S)


def add_task(document: Mapping[str, Any], *, dry_run: bool | None = None) -> Call[CreatedTask]:
    """A task as its document, as the YAML file of a task has it; without data. dry_run: it is only looked at."""
    return json_call(CreatedTask, "POST", "/tasks", body=dict(document), query={"dry_run": dry_run},
                     repeat=Repeat.BY_KEY)


def edit_task(name: str, changes: Mapping[str, Any]) -> Call[Task]:
    """Changes of a task: description, training, split, labels, columns."""
    return json_call(Task, "PATCH", "/tasks/{name}", at={"name": name}, body=dict(changes))


def delete_task(name: str, *, confirm: str) -> Call[DeletedTask]:
    """A task with all that it has. confirm: its name once more."""
    return json_call(DeletedTask, "DELETE", "/tasks/{name}", at={"name": name}, query={"confirm": confirm})


def trainers() -> Call[Trainers]:
    """What can train, and the parameters of each."""
    return json_call(Trainers, "GET", "/trainers")
