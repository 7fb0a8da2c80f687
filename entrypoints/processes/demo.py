"""The demo tasks, made ready to be looked at."""
from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from application.ports.demo_data import DemoData
from application.ports.deployment_log import DeploymentLog
from application.ports.feature_store import FeatureStore
from application.use_cases.prepare_demo import PrepareDemo
from domain.kinds.kind import Kind
from domain.task import Task
from entrypoints.formats.documents import read_task
from entrypoints.formats.formats import Formats
from entrypoints.settings import ROOT, Settings

DEMO_TASKS = ("flights", "nuclei")


@dataclass(frozen=True, slots=True)
class DemoTasks:
    settings: Settings
    deployments: DeploymentLog
    store: FeatureStore
    data: DemoData
    preparing: PrepareDemo
    formats: Mapping[Kind, Formats]

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
        for number, (name, table) in enumerate(self.data.batches(task)):
            if number:
                self.formats[task.kind].leave(task, table, unfinished / name)
        os.replace(unfinished, folder)

    def _curl_line(self, task: Task) -> str:
        """A request that answers, made of the first row of the data or of what was left on disk."""
        versions = self.store.versions(task.name)
        if not versions:
            return "its data were taken back; add some with: progon add-data"
        first = next(iter(self.store.read(task, versions[0].version, chunk_rows=1)))
        arguments = self.formats[task.kind].curl_arguments(task, first, self.settings.home / "demo" / task.name)
        # With its name it goes on working beside other tasks.
        return f"curl '{self.settings.url}/forward?task={task.name}' {arguments}"
