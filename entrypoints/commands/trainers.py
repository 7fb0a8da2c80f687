"""What can train."""
from __future__ import annotations

import importlib.util

import click

from domain.trainer_card import Parameter, TrainerCard
from entrypoints.answers.trainers import TrainersAnswer
from entrypoints.commands.shell import as_json, show, table, wired
from entrypoints.wiring import get


@click.command("trainers")
@as_json
def trainers(as_json: bool) -> None:
    """List the trainers and their parameters.

    Those of this machine (built in, registered by distributions, files in PROGON_TRAINERS) are asked anew, and made
    known to the service; those of other machines are shown as they said last. Exit code 1 if one of this machine
    cannot be used.
    """
    with wired() as container:
        faults = get.describer(container).tell() if importlib.util.find_spec("spox") is not None else {}
        cards = get.known_trainers(container).all()
        show(TrainersAnswer.of(cards), as_json, lambda: "\n\n".join(map(_words, cards)))
    for fault in faults.values():
        click.echo(f"error: {fault}", err=True)
    if faults:
        raise SystemExit(1)


def _words(card: TrainerCard) -> str:
    lines = [f"{card.name}: {', '.join(card.kinds)}; {', '.join(card.problems)}"]
    rows = [{"parameter": name, "default": parameter.default, "range": _range(parameter), "meaning": parameter.meaning}
            for name, parameter in card.params.items()]
    lines += [table(rows)] if rows else ["no parameters"]
    lines += [f"{' '.join((rung.kind, *rung.problems))} of up to {rung.up_to_rows:,} rows: "
              + ", ".join(f"{name} {value}" for name, value in rung.params.items()) for rung in card.adapted]
    return "\n".join(lines)


def _range(parameter: Parameter) -> str:
    if parameter.choices:
        return ", ".join(parameter.choices)
    return " to ".join("" if limit is None else f"{limit:g}" for limit in (parameter.low, parameter.high)).strip(" to")
