"""What commands share: options, answers for people and for machines, files."""
from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

import click
import msgspec
from msgspec import UnsetType

from domain.errors import InvalidInput, ProgonError
from domain.rows import Rows
from entrypoints.answers.files import ReadAnswer
from entrypoints.commands.failures import failures_told
from entrypoints.processes.progress_bar import file_bar

AnyRows = TypeVar("AnyRows", bound=Rows)
_SHOWN_NAMES = 10


class Drawing(Protocol):
    def __call__(self, words: str = "") -> None: ...


STDOUT = Path("-")
FILE = click.Path(dir_okay=False, path_type=Path)
charset = click.option("--charset", metavar="NAME", help="Of a CSV: what it is written in, where it does not tell.")
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, for machines.")


def user() -> str | None:
    """Who sits at this machine; a container may have a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def show(body: object, machine: bool, person: Callable[[], str], beside: Path | None = None) -> None:
    """Prints `body` as JSON or what `person` makes of it; where the answers themselves went. beside: to standard error
    if that was standard output."""
    click.echo(msgspec.json.encode(body).decode() if machine else person(), err=beside == STDOUT)


def table(rows: Sequence[Mapping[str, object]]) -> str:
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


def _passed_over_words(names: Sequence[str]) -> str:
    """A line to put at an end; nothing of no files."""
    shown = ", ".join(names[:_SHOWN_NAMES]) + (", ..." if len(names) > _SHOWN_NAMES else "")
    return f"\npassed over: {shown}" if names else ""


def read_words(facts: ReadAnswer | UnsetType | None, passed_over: Sequence[str] | UnsetType) -> str:
    """What was found out of a file, where it is more than that it is a CSV; a line of its own."""
    names = passed_over or ()
    if not isinstance(facts, ReadAnswer):
        return _passed_over_words(names)
    said = [facts.format.upper(), *([facts.charset] if facts.charset else []),
            *([f"sheet {facts.sheet}"] if facts.sheet else []), *(f"in {packing}" for packing in facts.packed)]
    lines = [f"read as {', '.join(said)}"] if said != ["CSV", "utf-8"] else []
    lines += [f"left out: {', '.join(facts.left_out)}"] if facts.left_out else []
    lines += [f"passed over, as they are answers: {', '.join(names)}"] if names else []
    return "".join(f"\n{line}" for line in lines)


def gap_words(reasons: Mapping[str, str]) -> str:
    """Why a metric has no value; each as a line of its own."""
    return "".join(f"\nno {name}: {reason}" for name, reason in reasons.items())


def warning_words(warnings: Sequence[str]) -> str:
    """Each as a line of its own."""
    return "".join(f"\nwarning: {warning}" for warning in warnings)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Raises: InvalidInput."""
    try:
        file = path.open("rb")
    except OSError as failure:
        raise InvalidInput(f"{path} cannot be read: {failure.strerror}") from failure
    with file:
        yield file


def watched(rows: Iterable[AnyRows], file: BinaryIO) -> Iterator[AnyRows]:
    """The rows of a file, with a bar of how much of it is read, and how many there were. They may be taken once."""
    done = 0
    with reading(file) as draw:
        for chunk in rows:
            yield chunk
            done += chunk.n_rows
            draw(f"{done:,} rows checked")


@contextmanager
def reading(file: BinaryIO) -> Iterator[Drawing]:
    """Gives what draws how much of a file is read, and words beside it."""
    size_bytes = max(os.fstat(file.fileno()).st_size, 1)
    with file_bar(Path(file.name).name) as draw:
        yield lambda words="": draw(file.tell() * 100 // size_bytes, words)


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
