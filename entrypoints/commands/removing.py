"""What is not needed any more."""
from __future__ import annotations

import click

from entrypoints.answers.versions import UndoneAnswer
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import as_json, show

_yes = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command("delete")
@click.argument("name")
@click.option("--confirm", metavar="NAME", help="The name once more; asked for where it is not given.")
@as_json
def delete_task(name: str, confirm: str | None, as_json: bool) -> None:
    """Delete the task NAME with its data, experiments and answers. There is no way back."""
    with asked() as progon:
        if confirm is None:
            confirm = click.prompt(
                f"All data, experiments and answers of {name} go. Type its name to delete it", err=True)
        show(progon.delete_task(name, confirm), as_json, lambda: f"{name} is deleted")


@click.command("delete-experiment")
@click.argument("experiment_id", type=int)
@_yes
@as_json
def delete_experiment(experiment_id: int, yes: bool, as_json: bool) -> None:
    """Delete an experiment with its model; not one that serves or trains."""
    with asked() as progon:
        known = progon.experiment(experiment_id)
        if not yes:
            click.confirm(f"Delete experiment {experiment_id} ({known.name}) of {known.task} with its model?",
                          abort=True, err=True)
        removed = progon.delete_experiment(experiment_id)
        show(removed, as_json, lambda: f"experiment {removed.experiment_id} is deleted")


@click.command("undo-data")
@click.argument("task")
@_yes
@as_json
def undo_data(task: str, yes: bool, as_json: bool) -> None:
    """Take the newest dataset version of TASK back."""
    with asked() as progon:
        versions = progon.task(task).versions
        if versions and not yes:
            click.confirm(f"Remove dataset version {versions[-1].dataset_version} of {task} with its "
                          f"{versions[-1].rows_added} rows?", abort=True, err=True)
        body = progon.undo_data(task, versions[-1].dataset_version if versions else None)
        show(body, as_json, lambda: _undone_words(body))


def _undone_words(undone: UndoneAnswer) -> str:
    left = f"version {undone.newest} is the newest" if undone.newest else "there are no data left"
    return (f"dataset version {undone.dataset_version} of {undone.task} is taken back, {undone.rows_removed} rows; "
            f"{left}")
