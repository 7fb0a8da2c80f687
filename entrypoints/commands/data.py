"""Labelled rows for a task."""
from __future__ import annotations

from pathlib import Path

import click

from entrypoints.answers.labels import LabelsAnswer
from entrypoints.answers.versions import AddedAnswer
from entrypoints.commands.shell import FILE, as_json, charset, opened, read_words, show, warning_words, watched, wired
from entrypoints.wiring import get, ports


@click.command("add-data")
@click.argument("task")
@click.argument("file", type=FILE)
@charset
@as_json
def add_data(task: str, file: Path, charset: str | None, as_json: bool) -> None:
    """Add the labelled rows of FILE: all of them as the next dataset version, or none."""
    with wired() as container, opened(file) as content:
        found = ports.task_catalog(container).get(task)
        rows = get.formats(container)[found.kind].rows(found, content, True, charset)
        added = get.add_data(container).execute(task, watched(rows, content))
        body = AddedAnswer.of(added, rows, get.few_labels(container).of(found))
        show(body, as_json, lambda: _words(body) + read_words(rows) + warning_words(body.warnings))


def _words(added: AddedAnswer) -> str:
    if added.duplicate:
        return f"nothing added: dataset version {added.dataset_version} of {added.task} is this very data"
    late = f"; {added.late_labels} of them label an earlier answer" if added.late_labels else ""
    bare = f"; {added.rows_without_target} without a target were left out" if added.rows_without_target else ""
    return (f"{added.rows_added} rows added: dataset version {added.dataset_version} of {added.task}{late}{bare}; "
            f"train on it with: progon retrain {added.task}")


@click.command("label")
@click.argument("task")
@click.argument("file", type=FILE)
@charset
@as_json
def label(task: str, file: Path, charset: str | None, as_json: bool) -> None:
    """Add true labels of earlier answers: FILE has the columns request_id and label, of rows of files row_no too."""
    with wired() as container, opened(file) as content:
        rows = get.table_reader(container).read(content, charset)
        body = LabelsAnswer.of(get.add_labels(container).execute(task, watched(rows.chunks, content)))
        show(body, as_json, lambda: f"{body.matched} labels met an answer of {task}, {body.unknown} met none so far, "
             f"{body.already} were known already")
