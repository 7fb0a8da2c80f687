"""What every pipeline stage begins and ends with."""
from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from domain.errors import ProgonError
from entrypoints.processes.progress_bar import Tell, bar
from entrypoints.settings import Settings, WrongSetting
from entrypoints.wiring.stages.progress import progress_report


@contextmanager
def stage(name: str) -> Iterator[tuple[Settings, Tell]]:
    """The settings, and `tell(iteration, iterations, loss)`, which reports progress to whoever runs the pipeline and
    draws it if a person looks on. A known failure ends the process with status 1 and one line about it."""
    try:
        settings = Settings.from_environment(os.environ)
        report = progress_report(settings)
        report.tell(name, 0, 1, None)
        with bar(name) as draw:
            def tell(iteration: int, iterations: int, loss: float | None) -> None:
                report.tell(name, iteration, iterations, loss)
                draw(iteration, iterations, loss)
            yield settings, tell
    except (ProgonError, WrongSetting, OSError) as failure:
        click.echo(f"error: {failure}", err=True)
        for fault in getattr(failure, "faults", ()):
            click.echo(f"error: {fault.where}: {fault.problem}", err=True)
        raise SystemExit(1) from failure
