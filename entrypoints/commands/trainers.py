"""What can train."""
from __future__ import annotations

import click

from entrypoints.answers.trainers import ParameterAnswer, TrainerAnswer
from entrypoints.commands.asked import asked
from entrypoints.commands.home import Home
from entrypoints.commands.shell import as_json, show, table


@click.command("trainers")
@as_json
def trainers(as_json: bool) -> None:
    """List the trainers and their parameters.

    Those of this machine (built in, registered by distributions, files in PROGON_TRAINERS) are asked anew, and made
    known to the service; those of other machines are shown as they said last. Exit code 1 if one of this machine
    cannot be used. With --url those that the service knows are listed.
    """
    with asked(Home.SPARED) as progon:
        body, faults = progon.trainers()
        show(body, as_json, lambda: "\n\n".join(map(_words, body.trainers)))
    for fault in faults:
        click.echo(f"error: {fault}", err=True)
    if faults:
        raise SystemExit(1)


def _words(card: TrainerAnswer) -> str:
    lines = [f"{card.name}: {', '.join(card.kinds)}; {', '.join(card.problems)}"]
    rows = [{"parameter": name, "default": parameter.default, "range": _range(parameter), "meaning": parameter.meaning}
            for name, parameter in card.params.items()]
    lines += [table(rows)] if rows else ["no parameters"]
    lines += [f"{' '.join((rung.kind, *rung.problems))} of up to {rung.up_to_rows:,} rows: "
              + ", ".join(f"{name} {value}" for name, value in rung.params.items()) for rung in card.adapted]
    return "\n".join(lines)


def _range(parameter: ParameterAnswer) -> str:
    if parameter.choices:
        return ", ".join(parameter.choices)
    return " to ".join("" if limit is None else f"{limit:g}" for limit in (parameter.low, parameter.high)).strip(" to")
