"""Whole files: answered, or answered and judged."""
from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click
from msgspec import UNSET

from domain.errors import InvalidInput
from domain.picture_answer import Output
from entrypoints.answers.batches import FileAnswer
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import FILE, as_json, charset, gap_words, read_words, show, table
from entrypoints.commands.wishes import explain, ignore_extra, wishes
from entrypoints.formats.files import written_whole
from entrypoints.formats.picture_wish import PictureWish

# What a name promises and nobody writes. All others that are not known are CSV, or a zip of pictures.
_NOT_WRITTEN = frozenset({".xlsx", ".xls", ".ods", ".json", ".ndjson", ".jsonl", ".feather", ".gz", ".zst"})


@click.command("forward-batch")
@click.argument("task")
@click.argument("file", type=FILE)
@click.option("-o", "--output", type=FILE, required=True,
              help="Where the answers go; written whole or not at all. `-` is standard output.")
@wishes
@charset
@click.option("--frames", is_flag=True, help="Of videos: a picture for each frame instead of a video.")
@ignore_extra
@explain
@as_json
def forward_batch(
    task: str, file: Path, output: Path, form: Output | None, threshold: float | None, charset: str | None,
    frames: bool, ignores: bool, explains: bool, as_json: bool,
) -> None:
    """Answer all of FILE: a table (CSV, XLSX, NDJSON, Parquet, Arrow, also packed) by a table of its columns, the
    prediction and the probabilities, row by row as they came (CSV, or what `-o NAME.parquet` or `.arrow` says); a zip
    of pictures and videos by a zip of answers."""
    with asked() as progon:
        _check(output)
        with written_whole(output) as written:
            body = progon.forward_batch(task, Sent(file, charset), PictureWish(form, threshold, frames),
                                        output.suffix, written, ignores, explains)
        body.output = str(output)
        show(body, as_json, lambda: f"{body.count} {'rows' if body.read else 'pictures and videos'} answered by "
             f"experiment {body.experiment_id}: {output}" + _unknown_words(body)
             + read_words(body.read, body.passed_over), output)


def _check(output: Path) -> None:
    """Raises: InvalidInput."""
    if output.suffix.lower() in _NOT_WRITTEN:
        raise InvalidInput(f"{output}: answers are written as .csv, .parquet or .arrow, of pictures as .zip; "
                           f"not as {output.suffix}")


@click.command("evaluate")
@click.argument("task")
@click.argument("file", type=FILE)
@click.option("-o", "--output", type=FILE, help="Where the answers go, as of forward-batch; none are kept otherwise.")
@charset
@ignore_extra
@explain
@as_json
def evaluate(task: str, file: Path, output: Path | None, charset: str | None, ignores: bool, explains: bool,
             as_json: bool) -> None:
    """How good is the model that serves TASK on the labelled rows of FILE?"""
    if explains and output is None:
        raise click.UsageError("--explain needs -o OUT: explanations stand beside the answers")
    with asked() as progon:
        if output is not None:
            _check(output)
        with nullcontext() if output is None else written_whole(output) as written:
            body = progon.evaluate(
                task, Sent(file, charset), output.suffix if output else "", written, ignores, explains)
        body.output = UNSET if output is None else str(output)
        show(body, as_json, lambda: f"experiment {body.experiment_id} on {_judged_words(body)}\n" + table(
            [{"metric": name, "value": value} for name, value in (body.metrics or {}).items()])
            + gap_words(body.no_value or {}) + _unknown_words(body) + read_words(body.read, body.passed_over), output)


def _judged_words(body: FileAnswer) -> str:
    bare = body.rows_without_target or 0
    return f"{body.count - bare} rows" + (f"; {bare} without a target were not judged" if bare else "")


def _unknown_words(body: FileAnswer) -> str:
    """Lines to put at an end; nothing where all is known."""
    ignored = f"\nignored: {', '.join(body.ignored)}" if body.ignored else ""
    shares = ", ".join(f"{share:.1%} of {name}" for name, share in (body.unseen or {}).items())
    return (f"\nnever seen in training: {shares}" if shares else "") + ignored
