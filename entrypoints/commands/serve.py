from __future__ import annotations

import json

import click
import uvicorn

from domain.deployment import Deployment
from domain.task import Task
from entrypoints.commands.shell import wired
from entrypoints.container import Container
from entrypoints.documents import read_task
from entrypoints.settings import ROOT

DEMO_TASKS = ("flights",)


@click.command("serve")
@click.option("--demo", is_flag=True, help="First make the demo tasks ready: data, a training, a deployment.")
def command(demo: bool) -> None:
    """Serve the API on HOST and PORT."""
    with wired() as container:
        if demo:
            for name in DEMO_TASKS:
                _prepare(container, read_task(ROOT / "pipelines" / "tasks" / f"{name}.yaml"))
        settings = container.settings()
        container.database().close()
        uvicorn.run("entrypoints.http.worker:make_app", factory=True, host=settings.host, port=settings.port,
                    workers=settings.workers, log_level=settings.log_level, access_log=False, http="httptools",
                    loop="uvloop", timeout_graceful_shutdown=30, timeout_worker_healthcheck=60)


def _prepare(container: Container, task: Task) -> None:
    if container.deployment_log().current(task.name) is None:
        click.echo(f"{task.name}: no model yet; putting the demo data in and training one, a minute or two", err=True)
    deployment = container.prepare_demo().execute(task)
    click.echo(f"{task.name} is served by experiment {deployment.experiment_id}. Try it:\n\n"
               f"{curl_line(container, task, deployment)}\n", err=True)


def curl_line(container: Container, task: Task, deployment: Deployment) -> str:
    """A request that answers, made of the first row of the data."""
    settings = container.settings()
    first = next(container.feature_store().read(task, 1, chunk_rows=1))
    row = {column.name: _plain(first[column.name][0]) for column in task.schema.features}
    body = json.dumps(row, ensure_ascii=False).replace("'", "'\\''")
    return f"curl http://{settings.host}:{settings.port}/forward -H 'Content-Type: application/json' -d '{body}'"


def _plain(value) -> object:
    if isinstance(value, str):
        return value or None
    if value != value:
        return None
    return int(value) if value == int(value) else round(float(value), 5)
