"""Which experiment serves."""
from __future__ import annotations

import click

from entrypoints.answers.deployments import DeploymentAnswer
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import as_json, show, table


@click.command("deploy")
@click.argument("experiment_id", type=int)
@click.option("--if-better", metavar="METRIC", help="Only if it beats what serves by this metric.")
@as_json
def deploy(experiment_id: int, if_better: str | None, as_json: bool) -> None:
    """Put an experiment into service. A running service of the same database has taken it over when this ends."""
    with asked() as progon:
        deployment = progon.deploy(experiment_id, if_better)
        show(deployment, as_json, lambda: _words(deployment))


@click.command("rollback")
@click.argument("task")
@as_json
def rollback(task: str, as_json: bool) -> None:
    """Put the experiment that served TASK before into service again."""
    with asked() as progon:
        deployment = progon.rollback(task)
        show(deployment, as_json, lambda: _words(deployment))


def _words(deployment: DeploymentAnswer) -> str:
    before = deployment.previous_experiment_id
    return (f"{deployment.task} is served by experiment {deployment.experiment_id}"
            + (f", before by {before}" if before is not None else ""))


@click.command("deployments")
@click.argument("task", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@as_json
def deployments(task: str | None, limit: int, as_json: bool) -> None:
    """What served, newest first; of TASK alone. The first of a task is what serves it now."""
    with asked() as progon:
        body = progon.deployments(task, limit)
        show(body, as_json, lambda: table([_row(one) for one in body.deployments]) if body.deployments else
             "nothing was deployed yet")


def _row(one: DeploymentAnswer) -> dict[str, object]:
    return {"at": f"{one.created_at:%Y-%m-%d %H:%M}", "task": one.task, "experiment": one.experiment_id,
            "before": one.previous_experiment_id, "generation": one.generation, "what": one.reason,
            "by": one.deployed_by}
