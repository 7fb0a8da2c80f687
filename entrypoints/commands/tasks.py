"""Tasks: made of a table, listed, shown."""
from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from application.ports.deployment_log import DeploymentLog
from application.ports.feature_store import FeatureStore
from application.use_cases.create_task import CreatedTask
from domain.kinds.kind import Problem
from domain.reading import Certainty
from domain.schema import Column
from domain.schema_inference import ColumnFacts, InferredTask
from domain.task import Task
from entrypoints.answers.tasks import CreatedTaskAnswer, LookedAnswer, TaskAnswer, TasksAnswer
from entrypoints.commands.edit import edit
from entrypoints.commands.removing import delete_task
from entrypoints.commands.shell import FILE, as_json, charset, opened, read_words, show, table, warning_words, wired
from entrypoints.formats.documents import read_task
from entrypoints.formats.formats import NO_FILE, FileRows, TaskWish
from entrypoints.formats.tables import PROBLEMS
from entrypoints.wiring import get, ports

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
def create(name: str | None, data: Path | None, target: str | None, problem: str | None, split_by: str | None,
           split_by_time: str | None, positive: str | None, document: Path | None, dry_run: bool, charset: str | None,
           as_json: bool) -> None:
    """Make the task NAME of a table, or of a zip with pictures and their masks or classes: the schema is inferred, and
    the rows become its first dataset version."""
    said = {"name": name, "target": target}
    if document is None and (data is None or not name):
        raise click.UsageError(_USAGE)
    if document is not None and (name or target or problem or split_by or split_by_time or positive):
        raise click.UsageError("a task document says name, target, problem, split and positive itself")
    with wired() as container, opened(data) if data else nullcontext() as file:
        formats, inferred, read = get.formats(container), None, NO_FILE
        if document is not None:
            task = read_task(document)
        else:
            assert file is not None
            chosen = formats[get.detector(container).kind_of(file)]
            if not all(said[what] for what in chosen.needs):
                raise click.UsageError(_USAGE)
            task, inferred = chosen.infer(TaskWish(name, target, problem, split_by, split_by_time), file, charset)
            task = task.with_positive(positive) if positive else task

        def rows() -> FileRows:
            nonlocal read
            assert file is not None
            read = formats[task.kind].rows(task, file, True, charset)
            return read

        looking = get.first_look(container)
        if dry_run:
            created = get.create_task(container).execute(task, dry_run=True)
            warnings = looking.of_rows(task, rows()) if file else []
        else:
            created = get.create_task(container).execute(task, rows if file else None)
            warnings = looking.of(task)
        show(CreatedTaskAnswer.of(created, inferred, read, dry_run, warnings), as_json,
             lambda: _created_words(created, inferred, dry_run) + read_words(read) + warning_words(warnings))


@group.command("look")
@click.argument("data", type=FILE)
@charset
@as_json
def look(data: Path, charset: str | None, as_json: bool) -> None:
    """What is in the file DATA, before it makes a task: each column with what it would be and a few of its values."""
    with wired() as container, opened(data) as file:
        found = get.formats(container)[get.detector(container).kind_of(file)]
        looked = found.look(file, charset)
        show(LookedAnswer.of(found, looked), as_json,
             lambda: table([_looked_row(facts) for facts in looked.columns]) if looked.columns else
             f"{found.noun}: make a task of them with: progon task create NAME --data {data}")


@group.command("list")
@as_json
def list_(as_json: bool) -> None:
    """All tasks."""
    with wired() as container:
        tasks = ports.task_catalog(container).all()
        store, deployments = ports.feature_store(container), ports.deployment_log(container)
        show(TasksAnswer.of(tasks), as_json,
             lambda: table([_row(task, store, deployments) for task in tasks]) if tasks else
             "no tasks yet; make one with: progon task create NAME --data FILE --target COLUMN")


@group.command("show")
@click.argument("name")
@as_json
def show_(name: str, as_json: bool) -> None:
    """One task: its columns, its data and what serves it."""
    with wired() as container:
        task = ports.task_catalog(container).get(name)
        versions, current = ports.feature_store(container).versions(name), ports.deployment_log(container).current(name)
        show(TaskAnswer.of(task, versions, current), as_json, lambda: "\n".join([
            _head(task), f"schema version {task.schema_version}", "",
            table([_column_row(column) for column in task.schema.columns]), "",
            table([{"data": entry.version, "rows added": entry.rows_added, "rows": entry.rows,
                    "since": entry.created_at.strftime("%Y-%m-%d %H:%M")} for entry in versions])
            if versions else "no data yet",
            f"served by experiment {current.experiment_id}" if current else "nothing serves it yet"]))


def _created_words(created: CreatedTask, inferred: InferredTask | None, dry_run: bool) -> str:
    lines = [_head(created.task)]
    if inferred is not None:
        lines += ["", table([_facts_row(facts) for facts in inferred.columns]), ""]
        if inferred.rows_without_target:
            lines.append(f"{inferred.rows_without_target} of {inferred.rows} rows have no "
                         f"{created.task.schema.target.name} and are left out")
    else:
        lines += [f"{column.name}: {column.description}"
                  for column in created.task.schema.columns if column.description]
    if dry_run:
        lines.append("nothing was stored (--dry-run)")
    elif created.version is None:
        lines.append(f"no data yet; add some with: progon add-data {created.task.name} FILE")
    else:
        lines.append(f"dataset version {created.version.version} has {created.version.rows} rows; train on it with: "
                     f"progon retrain {created.task.name}")
    return "\n".join(lines)


def _head(task: Task) -> str:
    labels = f", labels {', '.join(map(str, task.labels[:10]))}{', ...' if len(task.labels) > 10 else ''}"
    return f"task {task.name}: {task.problem} of {task.schema.target.name}{labels if task.labels else ''}"


def _facts_row(facts: ColumnFacts) -> dict[str, object]:
    column = facts.column
    return {"column": column.name, "type": str(column.type), "role": str(column.role),
            "missing": f"{facts.missing:.1%}" if facts.missing else "",
            "distinct": f"{facts.distinct}{'' if facts.distinct_is_exact else '+'}", "why": column.description,
            "sure": "" if facts.reading.certainty is Certainty.SURE else str(facts.reading.certainty),
            "or else": _instead(facts)}


def _looked_row(facts: ColumnFacts) -> dict[str, object]:
    return _facts_row(facts) | {"values": ", ".join(facts.examples)}


def _instead(facts: ColumnFacts) -> str:
    """What the column may be otherwise, and why."""
    reading = facts.reading
    if reading.instead is None:
        return reading.why
    other, column = reading.instead, facts.column
    said = [str(other.type)] * (other.type != column.type) + [str(other.role)] * (other.role != column.role)
    said += [str(reading.problem)] * (reading.problem is not None and not reading.labels)
    return f"{' '.join(said)}: {reading.why}" if said else reading.why


def _column_row(column: Column) -> dict[str, object]:
    return {"column": column.name, "type": str(column.type), "role": str(column.role),
            "nullable": "yes" if column.nullable else "", "why": column.description}


def _row(task: Task, store: FeatureStore, deployments: DeploymentLog) -> dict[str, object]:
    versions, current = store.versions(task.name), deployments.current(task.name)
    return {"name": task.name, "kind": str(task.kind), "problem": str(task.problem),
            "target": task.schema.target.name, "rows": versions[-1].rows if versions else 0,
            "served by": current.experiment_id if current else None}
