"""The demo tasks, made ready to be looked at."""
from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from application.ports.csv_codec import CsvCodec
from application.ports.demo_data import DemoData
from application.ports.deployment_log import DeploymentLog
from application.ports.feature_store import FeatureStore
from application.ports.picture_archive import ArchivedFile, PictureArchive
from application.ports.picture_codec import PictureCodec
from application.use_cases.prepare_demo import PrepareDemo
from domain.picture import mask_values
from domain.table import Table
from domain.task import Kind, Task
from entrypoints.documents import read_task
from entrypoints.settings import ROOT, Settings
from entrypoints.task_answers import plain

DEMO_TASKS = ("flights", "nuclei")
# The first of the later pictures, beside the zip of them all.
PICTURE = "picture.png"


@dataclass(frozen=True, slots=True)
class DemoTasks:
    settings: Settings
    deployments: DeploymentLog
    store: FeatureStore
    data: DemoData
    preparing: PrepareDemo
    csv: CsvCodec
    archive: PictureArchive
    pictures: PictureCodec

    def prepare(self) -> None:
        """Data, a first model and its deployment for each demo task that lacks them, and a line to try it with."""
        for name in DEMO_TASKS:
            task = read_task(ROOT / "pipelines" / "tasks" / f"{name}.yaml")
            if self.deployments.current(name) is None:
                click.echo(f"{name}: no model yet; putting the demo data in and training one, a minute or two",
                           err=True)
            deployment = self.preparing.execute(task)
            self._leave_later_batches(task, self.settings.home / "demo" / name)
            click.echo(f"{name} is served by experiment {deployment.experiment_id}. Try it:\n\n"
                       f"{self._curl_line(task)}\n", err=True)

    def _leave_later_batches(self, task: Task, folder: Path) -> None:
        """The data that came after the first model's, as files for `/evaluate` and `/add_data`."""
        if folder.exists():
            return
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        unfinished.mkdir(parents=True, exist_ok=True)
        leave = self._leave_zip if task.kind is Kind.IMAGE else self._leave_csv
        for number, (name, table) in enumerate(self.data.batches(task)):
            if number:
                leave(task, table, unfinished / name)
        os.replace(unfinished, folder)

    def _leave_csv(self, task: Task, table: Table, path: Path) -> None:
        path.with_suffix(".csv").write_bytes(b"".join(self.csv.write(list(table.columns), [table.columns])))

    def _leave_zip(self, task: Task, table: Table, path: Path) -> None:
        files = list(self._pictures_and_masks(task, table))
        path.with_suffix(".zip").write_bytes(b"".join(self.archive.write(iter(files))))
        path.with_name(PICTURE).write_bytes(files[0].content)

    def _pictures_and_masks(self, task: Task, table: Table) -> Iterator[ArchivedFile]:
        codec, picture, mask = self.pictures, task.schema.features[0], task.schema.target
        values = np.array(mask_values(mask, len(task.labels)), np.uint8)
        for row, (pixels, positions) in enumerate(zip(table[picture.name], table[mask.name], strict=True), start=1):
            content = codec.write(pixels[:, :, 0] if picture.channels == 1 else pixels)
            yield ArchivedFile(f"images/{row:03}.png", content)
            yield ArchivedFile(f"masks/{row:03}.png", codec.write(values[positions]))

    def _curl_line(self, task: Task) -> str:
        """A request that answers, made of the first row of the data; of a task of pictures, of the one left on disk."""
        address = f"http://{self.settings.host}:{self.settings.port}/forward"
        if task.kind is Kind.IMAGE:
            picture = self.settings.home / "demo" / task.name / PICTURE
            return f"curl {address} -H 'X-Output: overlay' -F 'image=@{picture}'"
        first = next(iter(self.store.read(task, 1, chunk_rows=1)))
        row = {column.name: plain(first[column.name][0]) for column in task.schema.features}
        body = json.dumps(row, ensure_ascii=False).replace("'", "'\\''")
        return f"curl {address} -H 'Content-Type: application/json' -d '{body}'"
