"""How far long work is, for whoever looks on."""
from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

# Given the iteration, the number of iterations and the loss, if there is one.
Tell = Callable[[int, int, float | None], None]
# Given how many percent of a file are done, and words beside.
FileTell = Callable[[int, str], None]


def is_drawn() -> bool:
    """Does somebody look at a terminal?"""
    return sys.stderr.isatty()


@contextmanager
def bar(name: str) -> Iterator[Tell]:
    """A bar on a terminal, a plain line each tenth elsewhere."""
    if not is_drawn():
        yield _plain_lines(name)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
               TimeRemainingColumn(), TextColumn("{task.fields[loss]}"))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        shown = progress.add_task(name, total=None, loss="")
        yield lambda iteration, iterations, loss: progress.update(
            shown, completed=iteration, total=iterations, loss="" if loss is None else f"loss {loss:.5f}")


@contextmanager
def file_bar(name: str) -> Iterator[FileTell]:
    """Of a file; words stand beside the bar on a terminal alone."""
    if not is_drawn():
        plain = _plain_lines(f"{name}, percent")
        yield lambda percent, _: plain(percent, 100, None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"),
               TextColumn("{task.fields[words]}"))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        shown = progress.add_task(name, total=100, words="")
        yield lambda percent, words: progress.update(shown, completed=percent, words=words)


def _plain_lines(name: str) -> Tell:
    said = -1

    def draw(iteration: int, iterations: int, loss: float | None) -> None:
        nonlocal said
        tenth = iteration * 10 // max(iterations, 1)
        if tenth > said:
            said = tenth
            end = "" if loss is None else f", loss {loss:.5f}"
            click.echo(f"{name}: {iteration} of {iterations}{end}", err=True)
    return draw
