"""Labelled rows for a task."""
from __future__ import annotations

from pathlib import Path

import click

from entrypoints.answers.versions import AddedAnswer
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import FILE, as_json, charset, read_words, show, warning_words


@click.command("add-data")
@click.argument("task")
@click.argument("file", type=FILE)
@charset
@as_json
def add_data(task: str, file: Path, charset: str | None, as_json: bool) -> None:
    """Add the labelled rows of FILE: all of them as the next dataset version, or none."""
    with asked() as progon:
        body = progon.add_data(task, Sent(file, charset))
        show(body, as_json,
             lambda: _words(body) + read_words(body.read, body.passed_over) + warning_words(body.warnings))


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
    with asked() as progon:
        body = progon.add_labels(task, Sent(file, charset))
        show(body, as_json, lambda: f"{body.matched} labels met an answer of {task}, {body.unknown} met none so far, "
             f"{body.already} were known already")
