"""Which experiment serves."""
from __future__ import annotations

import click

from domain.deployment import Deployment
from entrypoints.answers.deployments import DeploymentAnswer
from entrypoints.commands.shell import as_json, show, user, wired
from entrypoints.wiring import get


@click.command("deploy")
@click.argument("experiment_id", type=int)
@click.option("--if-better", metavar="METRIC", help="Only if it beats what serves by this metric.")
@as_json
def deploy(experiment_id: int, if_better: str | None, as_json: bool) -> None:
    """Put an experiment into service. A running service of the same database has taken it over when this ends."""
    with wired() as container:
        # What it is compared with.
        get.serving_models(container).refresh()
        deployment = get.deploy(container).execute(experiment_id, if_better, user())
        show(DeploymentAnswer.of(deployment), as_json, lambda: _words(deployment))


@click.command("rollback")
@click.argument("task")
@as_json
def rollback(task: str, as_json: bool) -> None:
    """Put the experiment that served TASK before into service again."""
    with wired() as container:
        deployment = get.rollback(container).execute(task, user())
        show(DeploymentAnswer.of(deployment), as_json, lambda: _words(deployment))


def _words(deployment: Deployment) -> str:
    before = deployment.previous_experiment_id
    return (f"{deployment.task} is served by experiment {deployment.experiment_id}"
            + (f", before by {before}" if before is not None else ""))
