"""What people say of an experiment: tags, a note, a name; the baseline of a task, and its archive."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import click

from entrypoints.answers.experiments import ExperimentAnswer
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import as_json, read_input, show

_experiment = click.argument("experiment_id", type=int)


@click.command("tag")
@_experiment
@click.argument("tags", nargs=-1)
@click.option("--remove", multiple=True, metavar="TAG", help="Take this one away; may be given several times.")
@as_json
def tag(experiment_id: int, tags: Sequence[str], remove: Sequence[str], as_json: bool) -> None:
    """Add TAGS to an experiment, beside those it has; without any, show them."""
    with asked() as progon:
        known = progon.experiment(experiment_id)
        wanted = [one for one in dict.fromkeys([*known.tags, *tags]) if one not in remove]
        said = progon.edit_experiment(experiment_id, {"tags": wanted}) if tags or remove else known
        show(said, as_json, lambda: f"experiment {experiment_id}: {', '.join(said.tags) or 'no tags'}")


@click.command("note")
@_experiment
@click.argument("text", required=False)
@as_json
def note(experiment_id: int, text: str | None, as_json: bool) -> None:
    """Write TEXT as the note of an experiment in place of the one it has, `-` for what comes on standard input, "" for
    none; without TEXT, show it."""
    with asked() as progon:
        wanted = read_input("-").decode("utf-8", "replace") if text == "-" else text
        said = progon.experiment(experiment_id) if wanted is None else progon.edit_experiment(
            experiment_id, {"note": wanted})
        show(said, as_json, lambda: said.note or f"experiment {experiment_id} has no note")


@click.command("rename")
@_experiment
@click.argument("name")
@as_json
def rename(experiment_id: int, name: str, as_json: bool) -> None:
    """Call an experiment NAME."""
    _say(experiment_id, {"name": name}, as_json, lambda one: f"is called {one.name}")


@click.command("pin")
@_experiment
@as_json
def pin(experiment_id: int, as_json: bool) -> None:
    """Make an experiment the baseline of its task, which the others are measured against; one before is so no more."""
    _say(experiment_id, {"pinned": True}, as_json, lambda one: f"is the baseline of {one.task}")


@click.command("unpin")
@_experiment
@as_json
def unpin(experiment_id: int, as_json: bool) -> None:
    """Let an experiment be the baseline of its task no more."""
    _say(experiment_id, {"pinned": False}, as_json, lambda one: f"is not the baseline of {one.task}")


@click.command("archive")
@_experiment
@as_json
def archive(experiment_id: int, as_json: bool) -> None:
    """Put an experiment in the archive: lists leave it out, and nothing is removed."""
    _say(experiment_id, {"archived": True}, as_json, lambda one: "is in the archive")


@click.command("unarchive")
@_experiment
@as_json
def unarchive(experiment_id: int, as_json: bool) -> None:
    """Take an experiment out of the archive."""
    _say(experiment_id, {"archived": False}, as_json, lambda one: "is not in the archive")


def _say(experiment_id: int, changes: Mapping[str, object], machine: bool, words: Callable[[ExperimentAnswer], str]
         ) -> None:
    """words: what it is afterwards."""
    with asked() as progon:
        said = progon.edit_experiment(experiment_id, changes)
        show(said, machine, lambda: f"experiment {experiment_id} {words(said)}")
