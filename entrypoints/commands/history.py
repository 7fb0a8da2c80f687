"""What was done, by whom."""
from __future__ import annotations

import click
import msgspec

from application.ports.history import History
from application.queries.whole_history import whole
from domain.history import CHANGES, Entry, first_broken
from entrypoints.answers.history import EntryAnswer, HistoryAnswer
from entrypoints.commands.shell import as_json, show, table, wired
from entrypoints.formats.moments import read_after
from entrypoints.wiring import ports


@click.command("history")
@click.argument("task", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@as_json
def history(task: str | None, limit: int, as_json: bool) -> None:
    """What was changed or removed, newest first; of TASK alone, there or not."""
    with wired() as container:
        found = ports.history(container).newest(task, limit + 1, acts=CHANGES)
        show(HistoryAnswer.of(found, limit), as_json,
             lambda: table([_row(entry) for entry in found[:limit]]) if found else "nothing was changed or removed yet")


@click.command("audit")
@click.option("--task", help="Of this task alone, there or not.")
@click.option("--who", help="By this key or account alone.")
@click.option("--after", default="0", metavar="ID|MOMENT", help="Ids above this one, or later than this moment.")
@click.option("--check", is_flag=True, help="Only tell whether an entry was changed or taken out since it was written.")
@as_json
def audit(task: str | None, who: str | None, after: str, check: bool, as_json: bool) -> None:
    """Everything that was done, by whom, oldest first; with --json as JSON lines."""
    with wired() as container:
        history, start = ports.history(container), read_after(after)
        if check:
            _check_chain(history)
            return
        for entry in whole(history, start, task, who):
            click.echo(msgspec.json.encode(EntryAnswer.of(entry)) if as_json else _line(entry))


def _check_chain(history: History) -> None:
    if (broken := first_broken(whole(history))) is not None:
        click.echo(f"error: entry {broken.id} was changed, or one before it was taken out", err=True)
        raise SystemExit(1)
    last = history.newest(limit=1)
    click.echo(f"{last[0].id} entries, the last digest is {last[0].digest}" if last else "nothing was done yet")


def _line(entry: Entry) -> str:
    row = _row(entry)
    return f"{entry.id:>5}  " + "  ".join(str(cell) for cell in row.values() if cell)


def _row(entry: Entry) -> dict[str, object]:
    plain = {key: value for key, value in entry.detail.items() if isinstance(value, (str, int))}
    return {"at": entry.at.strftime("%Y-%m-%d %H:%M"), "task": entry.task, "what": str(entry.act), "by": entry.by,
            "detail": ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in plain.items())}
