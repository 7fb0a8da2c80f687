"""How the answers are to look, and what is taken, as options of a command."""
from __future__ import annotations

from collections.abc import Callable

import click

from domain.picture_answer import Output


def _share(_: click.Context, option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 <= value <= 1:  # also what is no number
        raise click.BadParameter("is a number from 0 to 1", param=option)
    return value


def _output(_: click.Context, __: click.Option, value: str | None) -> Output | None:
    return None if value is None else Output(value)


form = click.option("--form", type=click.Choice([each.value for each in Output]), callback=_output,
                    help="Of pictures: how they are answered; by a mask, or a class, if nothing is said.")
threshold = click.option("--threshold", type=float, callback=_share,
                         help="Of pictures: how likely a pixel has to be no background, 0 to 1.")


ignore_extra = click.option("--ignore-extra", "ignores", is_flag=True,
                            help="Columns that the task does not know are no fault; the answer names them.")
explain = click.option("--explain", "explains", is_flag=True,
                       help="Of rows: what the value of each column adds to the mean answer.")


def wishes(command: Callable[..., None]) -> Callable[..., None]:
    return form(threshold(command))
