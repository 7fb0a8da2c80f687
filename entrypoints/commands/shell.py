"""What commands share: the wired container, failures as exit codes, answers for people and for machines."""
from __future__ import annotations

import getpass
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import click
import msgspec

from application.caller import current_caller
from domain.errors import Busy, InvalidInput, ProgonError
from domain.full_disk import is_full
from domain.rows import Rows
from entrypoints.formats.formats import FileRows
from entrypoints.processes.progress_bar import bar
from entrypoints.settings import Settings, WrongSetting
from entrypoints.wiring import ports

if TYPE_CHECKING:
    from entrypoints.wiring.container import Container

AnyRows = TypeVar("AnyRows", bound=Rows)
_LOOK_EVERY_S = 0.5
_SHOWN_NAMES = 10
FILE = click.Path(dir_okay=False, path_type=Path)
charset = click.option("--charset", metavar="NAME", help="Of a CSV: what it is written in, where it does not tell.")
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, for machines.")


@contextmanager
def wired(patient: bool = False) -> Iterator[Container]:
    """The container, with the database's tables in place. A known failure ends the process with status 1, its faults
    listed on standard error. patient: waits for a database that does not answer yet."""
    from entrypoints.wiring.container import make_container  # half of what a command loads, and no help needs it

    with failures_told():
        settings = settings_here(writes_home=patient)
        container = make_container(settings)
        _migrate(ports.storage(container).migrate, settings.outage_patience_s if patient else 0.0)
        current_caller.set(user())
        yield container


def settings_here(writes_home: bool) -> Settings:
    """writes_home: elsewhere than beside a service, a read-only one does where the database is a server.

    Raises: WrongSetting."""
    settings = Settings.from_environment(os.environ)
    if writes_home or not settings.database_url:
        check_home(settings.home)
    return settings


def _migrate(migrate: Callable[[], None], patience_s: float) -> None:
    until, said = time.monotonic() + patience_s, False
    while True:
        try:
            return migrate()
        except Busy as failure:
            if time.monotonic() >= until:
                raise
            if not said:
                click.echo(f"waiting for the database: {failure}", err=True)
            said = True
            time.sleep(_LOOK_EVERY_S)


def check_home(home: Path) -> None:
    """Raises: WrongSetting."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise WrongSetting(f"PROGON_HOME: {home} cannot be made: {failure.strerror}") from failure
    if not os.access(home, os.W_OK | os.X_OK):
        raise WrongSetting(f"PROGON_HOME: {home} cannot be written")


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
    except OSError as failure:
        if not is_full(failure):
            raise
        what = failure.filename or "this"
        click.echo(f"error: there is no room on the disk for {what}: {failure.strerror}", err=True)
        raise SystemExit(1) from failure


def user() -> str | None:
    """Who sits at this machine; a container may have a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def show(body: object, machine: bool, person: Callable[[], str]) -> None:
    """Prints `body` as JSON or what `person` makes of it."""
    click.echo(msgspec.json.encode(body).decode() if machine else person())


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """Aligned columns with a head; numbers to the right."""
    names = list(rows[0])
    texts = [names] + [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(len(line[column]) for line in texts) for column in range(len(names))]
    right = [all(isinstance(row[name], (int, float, type(None))) for row in rows) for name in names]
    lines = [[text.rjust(width) if to_right else text.ljust(width)
              for text, width, to_right in zip(line, widths, right, strict=True)] for line in texts]
    return "\n".join("  ".join(line).rstrip() for line in lines)


def _passed_over_words(names: Sequence[str]) -> str:
    """A line to put at an end; nothing of no files."""
    shown = ", ".join(names[:_SHOWN_NAMES]) + (", ..." if len(names) > _SHOWN_NAMES else "")
    return f"\npassed over: {shown}" if names else ""


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Raises: InvalidInput."""
    try:
        file = path.open("rb")
    except OSError as failure:
        raise InvalidInput(f"{path} cannot be read: {failure.strerror}") from failure
    with file:
        yield file


def read_words(rows: FileRows) -> str:
    """What was found out of a file, where it is more than that it is a CSV; a line of its own."""
    if rows.read is None:
        return _passed_over_words(rows.passed_over)
    facts = rows.read
    said = [facts.format.upper(), *([facts.charset] if facts.charset else []),
            *([f"sheet {facts.sheet}"] if facts.sheet else []), *(f"in {packing}" for packing in facts.packed)]
    lines = [f"read as {', '.join(said)}"] if said != ["CSV", "utf-8"] else []
    lines += [f"left out: {', '.join(facts.left_out)}"] if facts.left_out else []
    lines += [f"passed over, as they are answers: {', '.join(rows.passed_over)}"] if rows.passed_over else []
    return "".join(f"\n{line}" for line in lines)


def gap_words(reasons: Mapping[str, str]) -> str:
    """Why a metric has no value; each as a line of its own."""
    return "".join(f"\nno {name}: {reason}" for name, reason in reasons.items())


def warning_words(warnings: Sequence[str]) -> str:
    """Each as a line of its own."""
    return "".join(f"\nwarning: {warning}" for warning in warnings)


def watched(rows: Iterable[AnyRows], file: BinaryIO) -> Iterator[AnyRows]:
    """The rows of a file, with a bar of how much of it is read. They may be taken once."""
    size_bytes = max(os.fstat(file.fileno()).st_size, 1)
    with bar(f"{Path(file.name).name}, percent") as draw:
        for chunk in rows:
            yield chunk
            draw(file.tell() * 100 // size_bytes, 100, None)


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
