"""Tasks: made of a table, listed, shown."""
from __future__ import annotations

from pathlib import Path

import click

from domain.errors import InvalidInput
from domain.kinds.kind import Kind, Problem
from domain.schema import Role
from entrypoints.answers.tasks import CreatedTaskAnswer, TaskAnswer
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.abilities.tasks import NewTask
from entrypoints.commands.asked import asked
from entrypoints.commands.column_words import column_row, facts_row, looked_row
from entrypoints.commands.edit import edit
from entrypoints.commands.home import Home
from entrypoints.commands.removing import delete_task
from entrypoints.commands.shell import FILE, as_json, charset, read_words, show, table, warning_words
from entrypoints.formats.documents import read_yaml
from entrypoints.formats.tables import PROBLEMS

_USAGE = "give NAME, --data and --target, NAME and --data PICTURES.zip, or a task document with --file"
_PROBLEMS = click.Choice([str(problem) for problem in (*PROBLEMS, Problem.SEGMENTATION)], case_sensitive=False)


@click.group("task")
def group() -> None:
    """Tasks: what is predicted, from which columns."""


group.add_command(edit)
group.add_command(delete_task)


@group.command("create")
@click.argument("name", required=False)
@click.option("--data", type=FILE,
              help="A table (CSV, XLSX, NDJSON, Parquet, Arrow) with labelled rows, or a zip of pictures with masks or "
                   "by class.")
@charset
@click.option("--target", help="The column to predict.")
@click.option("--problem", type=_PROBLEMS, help="What the target is, where it does not tell by itself.")
@click.option("--split-by", metavar="COLUMN", help="Rows with the same value here are held out together.")
@click.option("--split-by-time", metavar="COLUMN",
              help="A column of dates: the oldest rows train, the newest are held out.")
@click.option("--positive", metavar="LABEL", help="Of two classes, the one that AUC, precision and recall are of; the "
                                                  "greater, if not given.")
@click.option("--file", "document", type=FILE, help="A task document (YAML or JSON), instead of a NAME.")
@click.option("--dry-run", is_flag=True, help="Show what would be made and store nothing.")
@as_json
def create(data: Path | None, document: Path | None, dry_run: bool, charset: str | None, as_json: bool,
           **said: str | None) -> None:
    """Make the task NAME of a table, or of a zip with pictures and their masks or classes: the schema is inferred, and
    the rows become its first dataset version."""
    fields = {name: text for name, text in said.items() if text}
    if document is None and (data is None or "name" not in fields):
        raise click.UsageError(_USAGE)
    if document is not None and fields:
        raise click.UsageError("a task document says name, target, problem, split and positive itself")
    with asked(Home.SPARED if dry_run else Home.MADE) as progon:
        new = NewTask(Sent(data, charset) if data else None, read_yaml(document) if document else None, fields, dry_run)
        try:
            created = progon.create_task(new)
        except InvalidInput as failure:
            if not document and any(fault.where == "target" and "target" not in fields for fault in failure.faults):
                raise click.UsageError(_USAGE) from failure
            raise
        show(created, as_json, lambda: _created_words(created) + read_words(created.read, created.passed_over)
             + warning_words(created.warnings))


@group.command("look")
@click.argument("data", type=FILE)
@charset
@as_json
def look(data: Path, charset: str | None, as_json: bool) -> None:
    """What is in the file DATA, before it makes a task: each column with what it would be and a few of its values."""
    with asked(Home.SPARED) as progon:
        looked = progon.look(Sent(data, charset))
        noun = "rows" if looked.kind is Kind.TABULAR else "pictures and videos"
        show(looked, as_json,
             lambda: table([looked_row(facts) for facts in looked.columns]) if looked.columns else
             f"{noun}: make a task of them with: progon task create NAME --data {data}")


@group.command("list")
@as_json
def list_(as_json: bool) -> None:
    """All tasks."""
    with asked() as progon:
        body = progon.tasks()
        show(body, as_json, lambda: table([_row(progon.task(task.name)) for task in body.tasks]) if body.tasks else
             "no tasks yet; make one with: progon task create NAME --data FILE --target COLUMN")


@group.command("show")
@click.argument("name")
@click.option("--schema-version", type=click.IntRange(1), help="As it was then; the newest, if not given.")
@as_json
def show_(name: str, schema_version: int | None, as_json: bool) -> None:
    """One task: its columns, its data and what serves it."""
    with asked() as progon:
        task = progon.task(name, schema_version)
        show(task, as_json, lambda: "\n".join([
            _head(task), f"schema version {task.schema_version}", "",
            table([column_row(column) for column in task.columns]), "",
            table([{"data": entry.dataset_version, "rows added": entry.rows_added, "rows": entry.rows,
                    "since": entry.created_at.strftime("%Y-%m-%d %H:%M")} for entry in task.versions])
            if task.versions else "no data yet",
            f"served by experiment {task.deployment.experiment_id}" if task.deployment else "nothing serves it yet"]))


def _created_words(created: CreatedTaskAnswer) -> str:
    lines, inferred = [_head(created)], created.inferred
    if inferred is not None:
        lines += ["", table([facts_row(facts) for facts in inferred.columns if facts.name]), ""]
        if inferred.rows_without_target:
            lines.append(f"{inferred.rows_without_target} of {inferred.rows} rows have no {_target(created)} and are "
                         "left out")
    else:
        lines += [f"{column.name}: {column.description}" for column in created.columns if column.description]
    if created.dry_run:
        lines.append("nothing was stored (--dry-run)")
    elif created.dataset_version is None:
        lines.append(f"no data yet; add some with: progon add-data {created.name} FILE")
    else:
        lines.append(f"dataset version {created.dataset_version} has {created.rows_added} rows; train on it with: "
                     f"progon retrain {created.name}")
    return "\n".join(lines)


def _head(task: TaskAnswer | CreatedTaskAnswer) -> str:
    labels = f", labels {', '.join(map(str, task.labels[:10]))}{', ...' if len(task.labels) > 10 else ''}"
    return f"task {task.name}: {task.problem} of {_target(task)}{labels if task.labels else ''}"


def _target(task: TaskAnswer | CreatedTaskAnswer) -> str:
    return next(column.name for column in task.columns if column.role is Role.TARGET)


def _row(task: TaskAnswer) -> dict[str, object]:
    return {"name": task.name, "kind": str(task.kind), "problem": str(task.problem), "target": _target(task),
            "rows": task.versions[-1].rows if task.versions else 0,
            "served by": task.deployment.experiment_id if task.deployment else None}
