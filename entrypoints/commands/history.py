"""What was done, by whom."""
from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from domain.history import Entry, first_broken
from entrypoints.answers.history import EntryAnswer
from entrypoints.commands.abilities import Abilities
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import as_json, show, table


@click.command("history")
@click.argument("task", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--before", type=click.IntRange(1), metavar="ID", help="Ids below this one: `next` of the page before.")
@as_json
def history(task: str | None, limit: int, before: int | None, as_json: bool) -> None:
    """What was changed or removed, newest first; of TASK alone, there or not."""
    with asked() as progon:
        body = progon.history(task, limit, before)
        show(body, as_json,
             lambda: table([_row(entry) for entry in body.entries]) if body.entries else
             "nothing was changed or removed yet")


@click.command("audit")
@click.option("--task", help="Of this task alone, there or not.")
@click.option("--who", help="By this key or account alone.")
@click.option("--after", default="0", metavar="ID|MOMENT", help="Ids above this one, or later than this moment.")
@click.option("--check", is_flag=True, help="Only tell whether an entry was changed or taken out since it was written.")
@as_json
def audit(task: str | None, who: str | None, after: str, check: bool, as_json: bool) -> None:
    """Everything that was done, by whom, oldest first; with --json as JSON lines."""
    with asked() as progon:
        if check:
            _check_chain(progon)
            return
        for entry in progon.audit(after, task, who):
            click.echo(msgspec.json.encode(entry) if as_json else _line(entry))


def _check_chain(progon: Abilities) -> None:
    last: EntryAnswer | None = None

    def entries() -> Iterator[Entry]:
        nonlocal last
        for last in progon.audit("0", None, None):
            yield Entry(last.at, last.act, last.task, last.by, last.detail, last.id, last.digest)

    if (broken := first_broken(entries())) is not None:
        click.echo(f"error: entry {broken.id} was changed, or one before it was taken out", err=True)
        raise SystemExit(1)
    click.echo(f"{last.id} entries, the last digest is {last.digest}" if last else "nothing was done yet")


def _line(entry: EntryAnswer) -> str:
    row = _row(entry)
    return f"{entry.id:>5}  " + "  ".join(str(cell) for cell in row.values() if cell)


def _row(entry: EntryAnswer) -> dict[str, object]:
    plain = {key: value for key, value in entry.detail.items() if isinstance(value, (str, int, float))}
    return {"at": entry.at.strftime("%Y-%m-%d %H:%M"), "task": entry.task, "what": str(entry.act), "by": entry.by,
            "detail": ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in plain.items())}
