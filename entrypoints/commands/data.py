"""Labelled rows for a task."""
from __future__ import annotations

from pathlib import Path

import click

from entrypoints.commands.shell import FILE, as_json, opened, show, watched, wired
from entrypoints.task_answers import added_body
from entrypoints.wiring import get, ports


@click.command("add-data")
@click.argument("task")
@click.argument("file", type=FILE)
@as_json
def add_data(task: str, file: Path, as_json: bool) -> None:
    """Add the labelled rows of FILE: all of them as the next dataset version, or none."""
    with wired() as container, opened(file) as content:
        found = ports.task_catalog(container).get(task)
        rows = get.formats(container)[found.kind].rows(found, content, labelled=True)
        body = added_body(get.add_data(container).execute(task, watched(rows, content)))
        show(body, as_json, lambda: _words(body))


def _words(body: dict) -> str:
    if body["duplicate"]:
        return f"nothing added: dataset version {body['dataset_version']} of {body['task']} is this very data"
    late = f"; {body['late_labels']} of them label an earlier answer" if body["late_labels"] else ""
    return (f"{body['rows_added']} rows added: dataset version {body['dataset_version']} of {body['task']}{late}; "
            f"train on it with: progon retrain {body['task']}")
