"""What is not needed any more."""
from __future__ import annotations

import click

from entrypoints.answers.experiments import ExperimentAnswer
from entrypoints.answers.tasks import DeletedTaskAnswer
from entrypoints.answers.versions import UndoneAnswer
from entrypoints.commands.shell import as_json, show, user, wired
from entrypoints.wiring import get, ports

_yes = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command("delete")
@click.argument("name")
@click.option("--confirm", metavar="NAME", help="The name once more; asked for where it is not given.")
@as_json
def delete_task(name: str, confirm: str | None, as_json: bool) -> None:
    """Delete the task NAME with its data, experiments and answers. There is no way back."""
    with wired() as container:
        if confirm is None:
            confirm = click.prompt(
                f"All data, experiments and answers of {name} go. Type its name to delete it", err=True)
        removed = get.delete_task(container).execute(name, confirm, user())
        show(DeletedTaskAnswer(removed.name, removed.schema_version), as_json, lambda: f"{name} is deleted")


@click.command("delete-experiment")
@click.argument("experiment_id", type=int)
@_yes
@as_json
def delete_experiment(experiment_id: int, yes: bool, as_json: bool) -> None:
    """Delete an experiment with its model; not one that serves or trains."""
    with wired() as container:
        known = ports.experiment_log(container).get(experiment_id)
        if not yes:
            click.confirm(f"Delete experiment {known.id} ({known.name}) of {known.task} with its model?", abort=True,
                          err=True)
        removed = get.delete_experiment(container).execute(experiment_id, user())
        show(ExperimentAnswer.of(removed), as_json, lambda: f"experiment {removed.id} is deleted")


@click.command("undo-data")
@click.argument("task")
@_yes
@as_json
def undo_data(task: str, yes: bool, as_json: bool) -> None:
    """Take the newest dataset version of TASK back."""
    with wired() as container:
        ports.task_catalog(container).get(task)
        versions = ports.feature_store(container).versions(task)
        if versions and not yes:
            click.confirm(f"Remove dataset version {versions[-1].version} of {task} with its "
                          f"{versions[-1].rows_added} rows?", abort=True, err=True)
        undone = get.undo_data(container).execute(task, versions[-1].version if versions else None, user())
        body = UndoneAnswer.of(undone, ports.feature_store(container).versions(task))
        show(body, as_json, lambda: _undone_words(body))


def _undone_words(undone: UndoneAnswer) -> str:
    left = f"version {undone.newest} is the newest" if undone.newest else "there are no data left"
    return (f"dataset version {undone.dataset_version} of {undone.task} is taken back, {undone.rows_removed} rows; "
            f"{left}")
