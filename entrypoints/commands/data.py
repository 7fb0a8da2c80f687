"""Labelled rows for a task."""
from __future__ import annotations

from pathlib import Path

import click

from entrypoints.answers.versions import AddedAnswer
from entrypoints.commands.shell import FILE, as_json, opened, passed_over_words, show, watched, wired
from entrypoints.wiring import get, ports


@click.command("add-data")
@click.argument("task")
@click.argument("file", type=FILE)
@as_json
def add_data(task: str, file: Path, as_json: bool) -> None:
    """Add the labelled rows of FILE: all of them as the next dataset version, or none."""
    with wired() as container, opened(file) as content:
        found = ports.task_catalog(container).get(task)
        formats = get.formats(container)[found.kind]
        rows = formats.rows(found, content, labelled=True)
        added = get.add_data(container).execute(task, watched(rows, content))
        body = AddedAnswer.of(added, formats.passed_over(content, True))
        show(body, as_json, lambda: _words(body))


def _words(added: AddedAnswer) -> str:
    return _became(added) + passed_over_words(added.passed_over or ())


def _became(added: AddedAnswer) -> str:
    if added.duplicate:
        return f"nothing added: dataset version {added.dataset_version} of {added.task} is this very data"
    late = f"; {added.late_labels} of them label an earlier answer" if added.late_labels else ""
    return (f"{added.rows_added} rows added: dataset version {added.dataset_version} of {added.task}{late}; "
            f"train on it with: progon retrain {added.task}")
