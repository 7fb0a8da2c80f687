"""The demo tasks, made ready to be looked at."""
from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

from application.ports.picture_archive import ArchivedFile
from domain.picture import mask_values
from domain.table import Table
from domain.task import Kind, Task
from entrypoints.documents import read_task
from entrypoints.settings import ROOT
from entrypoints.task_answers import plain
from entrypoints.wiring.container import Container

DEMO_TASKS = ("flights", "nuclei")
# The first of the later pictures, beside the zip of them all.
PICTURE = "picture.png"


def prepare(container: Container) -> None:
    """Data, a first model and its deployment for each demo task that lacks them, and a line to try it with."""
    for name in DEMO_TASKS:
        task = read_task(ROOT / "pipelines" / "tasks" / f"{name}.yaml")
        if container.deployment_log().current(name) is None:
            click.echo(f"{name}: no model yet; putting the demo data in and training one, a minute or two", err=True)
        deployment = container.prepare_demo().execute(task)
        leave_later_batches(container, task, container.settings().home / "demo" / name)
        click.echo(f"{name} is served by experiment {deployment.experiment_id}. Try it:\n\n"
                   f"{curl_line(container, task)}\n", err=True)


def leave_later_batches(container: Container, task: Task, folder: Path) -> None:
    """The data that came after the first model's, as files for `/evaluate` and `/add_data`."""
    if folder.exists():
        return
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    unfinished.mkdir(parents=True, exist_ok=True)
    for number, (name, table) in enumerate(container.demo_data().batches(task)):
        if number:
            _WRITERS[task.kind](container, task, table, unfinished / name)
    os.replace(unfinished, folder)


def _leave_csv(container: Container, task: Task, table: Table, path: Path) -> None:
    path.with_suffix(".csv").write_bytes(b"".join(container.csv_codec().write(list(table.columns), [table.columns])))


def _leave_zip(container: Container, task: Task, table: Table, path: Path) -> None:
    files = list(_pictures_and_masks(container, task, table))
    path.with_suffix(".zip").write_bytes(b"".join(container.picture_archive().write(iter(files))))
    path.with_name(PICTURE).write_bytes(files[0].content)


def _pictures_and_masks(container: Container, task: Task, table: Table) -> Iterator[ArchivedFile]:
    codec, picture, mask = container.picture_codec(), task.schema.features[0], task.schema.target
    values = np.array(mask_values(mask, len(task.labels)), np.uint8)
    for row, (pixels, positions) in enumerate(zip(table[picture.name], table[mask.name], strict=True), start=1):
        yield ArchivedFile(f"images/{row:03}.png", codec.write(pixels[:, :, 0] if picture.channels == 1 else pixels))
        yield ArchivedFile(f"masks/{row:03}.png", codec.write(values[positions]))


_WRITERS = {Kind.TABULAR: _leave_csv, Kind.IMAGE: _leave_zip}


def curl_line(container: Container, task: Task) -> str:
    """A request that answers, made of the first row of the data; of a task of pictures, of the one left on disk."""
    settings = container.settings()
    if task.kind is Kind.IMAGE:
        picture = settings.home / "demo" / task.name / PICTURE
        return f"curl http://{settings.host}:{settings.port}/forward -H 'X-Output: overlay' -F 'image=@{picture}'"
    first = next(container.feature_store().read(task, 1, chunk_rows=1))
    row = {column.name: plain(first[column.name][0]) for column in task.schema.features}
    body = json.dumps(row, ensure_ascii=False).replace("'", "'\\''")
    return f"curl http://{settings.host}:{settings.port}/forward -H 'Content-Type: application/json' -d '{body}'"
