"""What every pipeline stage begins and ends with."""
from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from domain.errors import ProgonError
from entrypoints.container import Container, make_container
from entrypoints.settings import Settings, WrongSetting

Tell = Callable[[int, int, float | None], None]


@contextmanager
def stage(name: str) -> Iterator[tuple[Container, Tell]]:
    """The wired container, and `tell(iteration, iterations, loss)`, which reports progress to whoever runs the pipeline
    and draws it if a person looks on. A known failure ends the process with status 1 and one line about it."""
    try:
        container = make_container(Settings.from_environment(os.environ))
        container.storage().migrate()
        report = container.progress_report()
        report.tell(name, 0, 1, None)
        with bar(name) as draw:
            def tell(iteration: int, iterations: int, loss: float | None) -> None:
                report.tell(name, iteration, iterations, loss)
                draw(iteration, iterations, loss)
            yield container, tell
    except (ProgonError, WrongSetting, OSError) as failure:
        click.echo(f"error: {failure}", err=True)
        for fault in getattr(failure, "faults", ()):
            click.echo(f"error: {fault.where}: {fault.problem}", err=True)
        raise SystemExit(1) from failure


@contextmanager
def bar(name: str) -> Iterator[Tell]:
    """A bar on a terminal, a plain line each tenth elsewhere."""
    if not sys.stderr.isatty():
        yield _plain_lines(name)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
               TimeRemainingColumn(), TextColumn("{task.fields[loss]}"))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        shown = progress.add_task(name, total=None, loss="")
        yield lambda iteration, iterations, loss: progress.update(
            shown, completed=iteration, total=iterations, loss="" if loss is None else f"loss {loss:.5f}")


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
