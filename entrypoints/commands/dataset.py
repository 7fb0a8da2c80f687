"""A look into the data of a task, and out with them."""
from __future__ import annotations

import re
from pathlib import Path

import click

from entrypoints.answers.datasets import ColumnsAnswer, ColumnSummaryAnswer, Drawn
from entrypoints.answers.versions import BatchAnswer, DatasetAnswer
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import FILE, as_json, charset, read_words, show, table, warning_words
from entrypoints.formats.files import written_whole

_version = click.option("--version", type=click.IntRange(1), help="Dataset version; the newest, if not given.")
# What a suffix says; of all others the task's usual form.
_FORMS = {".csv": "csv", ".parquet": "parquet", ".arrow": "arrow", ".zip": "zip"}
_SHOWN_VALUES = 5


def _digest(_: click.Context, option: click.Parameter, text: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise click.BadParameter("expected 64 digits and letters from a to f, as progon dataset pictures has them",
                                 param=option)
    return text


@click.group("dataset")
def group() -> None:
    """The data of a task: versions, columns, rows."""


@group.command("show")
@click.argument("task")
@as_json
def show_(task: str, as_json: bool) -> None:
    """The versions of the data of TASK, oldest first, each with the batch that made it."""
    with asked() as progon:
        body = progon.dataset(task)
        show(body, as_json, lambda: _versions(body) + warning_words(body.warnings))


def _versions(body: DatasetAnswer) -> str:
    if not body.versions:
        return f"no data yet; add some with: progon add-data {body.task} FILE"
    return table([{"data": one.dataset_version, "rows added": one.rows_added, "rows": one.rows,
                   "since": f"{one.created_at:%Y-%m-%d %H:%M}", "target": _target(one)} for one in body.versions])


def _target(batch: BatchAnswer) -> str:
    if batch.target is not None:
        return f"{batch.target.min:g} to {batch.target.max:g}, mean {batch.target.mean:g}"
    return ", ".join(f"{label} {share:.1%}" for label, share in (batch.labels or {}).items())


@group.command("columns")
@click.argument("task")
@_version
@as_json
def columns(task: str, version: int | None, as_json: bool) -> None:
    """What the columns of the data of TASK hold."""
    with asked() as progon:
        body = progon.columns(task, version)
        show(body, as_json, lambda: _columns(body))


def _columns(body: ColumnsAnswer) -> str:
    looked = f"dataset version {body.dataset_version}, {body.looked_at} of {body.rows} rows looked at"
    return f"{looked}\n" + table([{"column": one.name, "type": str(one.type), "role": str(one.role),
                                   "missing": f"{one.missing_share:.1%}", "holds": _holds(one)}
                                  for one in body.columns])


def _holds(column: ColumnSummaryAnswer) -> str:
    if column.private:
        return "private"
    if column.values:
        return ", ".join(column.values[:_SHOWN_VALUES]) + (", ..." if len(column.values) > _SHOWN_VALUES else "")
    return f"{column.edges[0]:g} to {column.edges[-1]:g}" if column.edges else ""


@group.command("sample")
@click.argument("task")
@_version
@click.option("--rows", default=1, show_default=True, type=click.IntRange(1, 100))
@as_json
def sample(task: str, version: int | None, rows: int, as_json: bool) -> None:
    """The first rows of the data of TASK, with the target beside."""
    with asked() as progon:
        body = progon.sample(task, version, rows)
        show(body, as_json, lambda: table(body.rows) if body.rows else "no rows")


@group.command("rows")
@click.argument("task")
@_version
@click.option("-o", "--output", type=FILE, required=True,
              help="Where they go: .csv, .parquet, .arrow; of pictures .zip. `-` is standard output.")
def rows(task: str, version: int | None, output: Path) -> None:
    """Write the rows of the data of TASK, as add-data takes them back; cells of private columns are missing."""
    with asked() as progon, written_whole(output) as file:
        progon.write_rows(task, version, _FORMS.get(output.suffix.lower()), file)


@group.command("pictures")
@click.argument("task")
@_version
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200))
@click.option("--before", type=click.IntRange(1), metavar="ROW", help="Rows above this one: `next` of the page before.")
@click.option("--label", help="Pictures of this class alone.")
@as_json
def pictures(task: str, version: int | None, limit: int, before: int | None, label: str | None, as_json: bool) -> None:
    """The stored pictures of TASK, the newest first, with the digests by which they are fetched."""
    with asked() as progon:
        body = progon.pictures(task, version, limit, before, label)
        show(body, as_json, lambda: table([
            {"row": one.row, "pixels": f"{one.width} x {one.height}", "picture": one.picture or "private",
             **({"class": one.label} if one.label else {"mask": one.mask or "private"})} for one in body.pictures])
             if body.pictures else "no pictures")


@group.command("picture")
@click.argument("task")
@click.argument("digest", callback=_digest)
@click.option("-o", "--output", type=FILE, required=True, help="Where the PNG goes. `-` is standard output.")
@click.option("--draw", type=click.Choice([str(word) for word in Drawn]),
              help="For eyes: a picture stretched to 8 bits, a mask in colours. As it is stored, if not given.")
@click.option("--max-px", type=click.IntRange(8, 4096), help="Of the longer side; smaller ones stay.")
@as_json
def picture(task: str, digest: str, output: Path, draw: str | None, max_px: int | None, as_json: bool) -> None:
    """Write the stored picture or mask of TASK that has this DIGEST."""
    with asked() as progon, written_whole(output) as file:
        progon.write_picture(task, digest, Drawn(draw) if draw else None, max_px, file)
    show({"output": str(output)}, as_json, lambda: f"{digest[:12]} of {task}: {output}", output)


@group.command("check")
@click.argument("task")
@click.argument("file", type=FILE)
@charset
@as_json
def check(task: str, file: Path, charset: str | None, as_json: bool) -> None:
    """Would the labelled rows of FILE be taken? Nothing is added."""
    with asked() as progon:
        body = progon.check_data(task, Sent(file, charset))
        bare = f"; {body.rows_without_target} without a target would be left out" if body.rows_without_target else ""
        unseen = ", ".join(f"{share:.1%} of {name}" for name, share in (body.unseen or {}).items())
        show(body, as_json, lambda: f"{body.rows} rows would be taken{bare}"
             + (f"\nnever seen by what serves: {unseen}" if unseen else "") + read_words(body.read, body.passed_over))
