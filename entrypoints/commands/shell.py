"""What commands share: the wired container, failures as exit codes, answers for people and for machines."""
from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import msgspec

from domain.errors import ProgonError
from entrypoints.container import Container, make_container
from entrypoints.settings import Settings, WrongSetting

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, for machines.")


@contextmanager
def wired() -> Iterator[Container]:
    """The container, with the database's tables in place. A known failure ends the process with status 1, its faults
    listed on standard error."""
    with failures_told():
        container = make_container(Settings.from_environment(os.environ))
        container.database().migrate()
        yield container


@contextmanager
def failures_told() -> Iterator[None]:
    try:
        yield
    except (ProgonError, WrongSetting) as failure:
        faults = getattr(failure, "faults", ())
        click.echo(f"error: {failure}", err=True)
        for fault in faults if len(faults) > 1 else ():
            click.echo(f"error: {fault.where}: {fault.problem}", err=True)
        raise SystemExit(1) from failure


def show(body: object, machine: bool, person: Callable[[], str]) -> None:
    """Prints `body` as JSON or what `person` makes of it."""
    click.echo(msgspec.json.encode(body).decode() if machine else person())


def table(rows: list[dict[str, object]]) -> str:
    """Aligned columns with a head; numbers to the right."""
    names = list(rows[0])
    texts = [names] + [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(len(line[column]) for line in texts) for column in range(len(names))]
    right = [all(isinstance(row[name], (int, float, type(None))) for row in rows) for name in names]
    lines = [[text.rjust(width) if to_right else text.ljust(width)
              for text, width, to_right in zip(line, widths, right, strict=True)] for line in texts]
    return "\n".join("  ".join(line).rstrip() for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def read_input(path: str) -> bytes:
    """A file, or standard input for `-`."""
    with failures_told():
        if path == "-":
            return sys.stdin.buffer.read()
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as failure:
            raise ProgonError(f"{path} cannot be read: {failure.strerror}") from failure
