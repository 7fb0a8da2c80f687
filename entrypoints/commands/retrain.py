"""Training a task anew, and stopping that."""
from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import click

from application.ports.experiment_log import ExperimentLog
from application.use_cases.cancel_experiment import CancelExperiment
from application.use_cases.retrain import SEARCH, RetrainRequest
from application.use_cases.run_experiment import RunExperiment
from domain.errors import Conflict, InvalidInput
from domain.experiment import Experiment, Status
from entrypoints.answers.experiments import ExperimentAnswer
from entrypoints.commands.experiments import in_words
from entrypoints.commands.shell import as_json, show, wired
from entrypoints.formats.json_rows import decode
from entrypoints.processes import engine_address
from entrypoints.processes.progress_bar import bar
from entrypoints.wiring import get, ports

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
    it is told to wait. Without either the training runs here, to its end.
    """
    with wired() as container:
        settings = ports.settings(container)
        params = ({"trainer": trainer} if trainer else {}) | params | _wish(search, trials, budget_s)
        here = not (settings.dask_scheduler or engine_address.find(settings.home))
        if here:  # nobody else tells what can train
            get.describer(container).tell()
        experiment = get.retrain(container).execute(RetrainRequest(task, params, dataset_version, name))
        ports.executor(container).close()
        if here:
            with _running_here(get.run_experiment(container), get.cancel_experiment(container), experiment.id):
                experiment = _follow(ports.experiment_log(container), experiment.id)
        elif wait:
            experiment = _follow(ports.experiment_log(container), experiment.id)
        show(ExperimentAnswer.of(experiment), as_json, lambda: in_words(experiment))
    if (here or wait) and experiment.status is not Status.SUCCEEDED:
        raise SystemExit(1)


@contextmanager
def _running_here(run: RunExperiment, cancel: CancelExperiment, experiment_id: int) -> Iterator[None]:
    """On a thread, so that this one can draw. Ctrl-C cancels the experiment and waits until it has ended."""
    click.echo("no service is running; training here", err=True)
    thread = Thread(target=_run, args=(run, experiment_id), name="experiment")
    thread.start()
    try:
        yield
    except KeyboardInterrupt:
        cancel.execute(experiment_id)
        raise
    finally:
        thread.join()


def _run(run: RunExperiment, experiment_id: int) -> None:
    try:
        run.execute(experiment_id)
    except Conflict:  # a service has started meanwhile and was faster
        return


def _follow(log: ExperimentLog, experiment_id: int) -> Experiment:
    with bar(f"experiment {experiment_id}, percent") as draw:
        while not (experiment := log.get(experiment_id)).status.is_final:
            draw(int(experiment.progress.share * 100), 100, experiment.progress.loss)
            time.sleep(POLL_S)
    return experiment


@click.command("cancel")
@click.argument("experiment_id", type=int)
@as_json
def cancel(experiment_id: int, as_json: bool) -> None:
    """End a queued or running experiment."""
    with wired() as container:
        experiment = get.cancel_experiment(container).execute(experiment_id)
        show(ExperimentAnswer.of(experiment), as_json, lambda: in_words(experiment) if experiment.status.is_final else
             f"experiment {experiment_id} is told to stop; its processes end within 5 seconds")
