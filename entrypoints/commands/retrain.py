"""Training a task anew, and stopping that."""
from __future__ import annotations

import time

import click

from application.use_cases.retrain import SEARCH
from domain.errors import InvalidInput
from domain.experiment import Status
from entrypoints.answers.experiments import ExperimentAnswer
from entrypoints.commands.abilities import Abilities
from entrypoints.commands.asked import asked
from entrypoints.commands.experiments import in_words, queue_words
from entrypoints.commands.shell import as_json, show
from entrypoints.formats.json_rows import decode
from entrypoints.processes.progress_bar import bar

POLL_S = 0.2


def _params(_: click.Context, _option: click.Parameter, pairs: tuple[str, ...]) -> dict[str, object]:
    params = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"expected name=value, got {pair}")
        try:
            params[name] = decode(text.encode())
        except InvalidInput:
            params[name] = text
    return params


def _wish(search: bool, trials: int | None, budget_s: float | None) -> dict[str, object]:
    said = {name: value for name, value in (("trials", trials), ("budget_s", budget_s)) if value is not None}
    return {SEARCH: said or True} if said or search else {}


@click.command("retrain")
@click.argument("task")
@click.option("--wait", is_flag=True, help="Stay until it has ended; exit code 1 unless it succeeded.")
@click.option("--set", "--param", "params", multiple=True, callback=_params, metavar="NAME=VALUE",
              help="A training parameter in place of the task's own; may be given several times.")
@click.option("--trainer", help="The trainer, in place of the task's own: see progon trainers.")
@click.option("--search", is_flag=True, help="Try the trainer's ladder of settings; the rows of valid choose one.")
@click.option("--trials", type=int, help="Search: so many settings, drawn over the trainer's ranges after its ladder.")
@click.option("--budget-s", type=float, help="Search: try settings for so many seconds.")
@click.option("--dataset-version", type=int, help="The newest, if not given.")
@click.option("--name", help="What to call the experiment.")
@as_json
def retrain(task: str, wait: bool, params: dict[str, object], trainer: str | None, search: bool, trials: int | None,
            budget_s: float | None, dataset_version: int | None, name: str | None, as_json: bool) -> None:
    """Train a new experiment.

    A running service of the same HOME, or PROGON_DASK_SCHEDULER, does the work and this command returns at once, unless
    it is told to wait. Without either the training runs here, to its end. With --url the service there does it.
    """
    params = ({"trainer": trainer} if trainer else {}) | params | _wish(search, trials, budget_s)
    with asked() as progon:
        experiment = progon.retrain(task, params, dataset_version, name)
        with progon.carried_out(experiment.experiment_id) as is_here:
            if stays := is_here or wait:
                experiment = _follow(progon, experiment)
        show(experiment, as_json, lambda: in_words(experiment) + queue_words(progon, experiment))
    if stays and experiment.status is not Status.SUCCEEDED:
        raise SystemExit(1)


def _follow(progon: Abilities, experiment: ExperimentAnswer) -> ExperimentAnswer:
    """Until it has ended."""
    if said := queue_words(progon, experiment):
        click.echo(f"experiment {experiment.experiment_id}: {said.strip()}", err=True)
    with bar(f"experiment {experiment.experiment_id}, percent") as draw:
        while not (experiment := progon.experiment(experiment.experiment_id)).status.is_final:
            draw(int(experiment.progress * 100), 100, experiment.loss)
            time.sleep(POLL_S)
    return experiment


@click.command("watch")
@click.argument("experiment_id", type=int)
@as_json
def watch(experiment_id: int, as_json: bool) -> None:
    """Stay until an experiment has ended, and say how far it is; exit code 1 unless it succeeded."""
    with asked() as progon:
        experiment = _follow(progon, progon.experiment(experiment_id))
        show(experiment, as_json, lambda: in_words(experiment))
    if experiment.status is not Status.SUCCEEDED:
        raise SystemExit(1)


@click.command("cancel")
@click.argument("experiment_id", type=int)
@as_json
def cancel(experiment_id: int, as_json: bool) -> None:
    """End a queued or running experiment."""
    with asked() as progon:
        experiment = progon.cancel(experiment_id)
        show(experiment, as_json, lambda: in_words(experiment) if experiment.status.is_final else
             f"experiment {experiment_id} is told to stop; its processes end within 5 seconds")
