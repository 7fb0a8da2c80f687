"""Failures as exit codes and as words: for people, and with --json for machines."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from domain.errors import Fault, InvalidInput, NoRoom, ProgonError
from domain.full_disk import is_full
from entrypoints.settings import WrongSetting


@contextmanager
def failures_told() -> Iterator[None]:
    """A known failure ends the process with status 1, its faults listed on standard error. With --json the last line
    there is one JSON document, as the body of an answer of the API has it."""
    try:
        yield
    except (ProgonError, WrongSetting) as failure:
        _tell(failure if isinstance(failure, ProgonError) else InvalidInput(str(failure)))
        raise SystemExit(1) from failure
    except OSError as failure:
        if not is_full(failure):
            raise
        what = failure.filename or "this"
        _tell(NoRoom(f"there is no room on the disk for {what}: {failure.strerror}"))
        raise SystemExit(1) from failure


def _tell(failure: ProgonError) -> None:
    faults: Sequence[Fault] = getattr(failure, "faults", ())
    context = click.get_current_context(silent=True)
    if context is not None and context.params.get("as_json"):
        click.echo(_as_json(failure, faults), err=True)
        return
    click.echo(f"error: {failure}", err=True)
    for fault in faults if len(faults) > 1 else ():
        click.echo(f"error: {fault.where}: {fault.problem}", err=True)


def _as_json(failure: ProgonError, faults: Sequence[Fault]) -> bytes:
    # Imported here: the pages in a container of their own have none of it.
    import msgspec

    from entrypoints.answers.problems import ProblemAnswer, status_of
    # A file that cannot be read or written has no class of its own.
    told = (400, "bad request") if type(failure) is ProgonError else status_of(type(failure))
    return msgspec.json.encode(ProblemAnswer.of(*told, failure.detail, faults))
