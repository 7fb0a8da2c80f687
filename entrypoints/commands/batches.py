"""Whole files: answered, or answered and judged."""
from __future__ import annotations

from pathlib import Path

import click

from application.use_cases.evaluate import Evaluation
from domain.picture_answer import Output
from domain.unseen import Unseen
from entrypoints.answers.batches import FileAnswer
from entrypoints.commands.shell import (
    FILE,
    as_json,
    charset,
    gap_words,
    opened,
    read_words,
    show,
    table,
    watched,
    wired,
)
from entrypoints.commands.wishes import wishes
from entrypoints.formats.files import written_whole
from entrypoints.formats.picture_wish import PictureWish
from entrypoints.wiring import get, ports


@click.command("forward-batch")
@click.argument("task")
@click.argument("file", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="Where the answers go; written whole or not at all.")
@wishes
@charset
@click.option("--frames", is_flag=True, help="Of videos: a picture for each frame instead of a video.")
@as_json
def forward_batch(
    task: str, file: Path, output: Path, form: Output | None, threshold: float | None, charset: str | None,
    frames: bool, as_json: bool,
) -> None:
    """Answer all of FILE: a table (CSV, XLSX, NDJSON, Parquet, Arrow, also packed) by a table of its columns, the
    prediction and the probabilities, row by row as they came (CSV, or what `-o NAME.parquet` or `.arrow` says); a zip
    of pictures and videos by a zip of answers."""
    with wired() as container, opened(file) as content:
        found = ports.task_catalog(container).get(task)
        get.serving_models(container).refresh()
        formats = get.formats(container)[found.kind]
        with written_whole(output) as written:
            rows = formats.rows(found, content, False, charset)
            exchange = get.answering(container).execute(task, watched(rows, content))
            answers = formats.file_form(found, PictureWish(form, threshold, frames), output.suffix)
            unseen = Unseen(exchange.served.runner.card)
            for piece in answers.stream(exchange.served, unseen.watched(exchange.parts)):
                written.write(piece)
        body = FileAnswer.of(task, exchange.served.experiment_id, answers.count, rows, unseen.shares(),
                             output=str(output))
        show(body, as_json,
             lambda: f"{body.count} {formats.noun} answered by experiment {body.experiment_id}: {output}"
             + _unseen_words(unseen) + read_words(rows))


@click.command("evaluate")
@click.argument("task")
@click.argument("file", type=FILE)
@charset
@as_json
def evaluate(task: str, file: Path, charset: str | None, as_json: bool) -> None:
    """How good is the model that serves TASK on the labelled rows of FILE?"""
    with wired() as container, opened(file) as content:
        get.serving_models(container).refresh()
        found = ports.task_catalog(container).get(task)
        rows = get.formats(container)[found.kind].rows(found, content, True, charset)
        evaluation = get.evaluate(container).execute(task, watched(rows, content))
        unseen = Unseen(evaluation.served.runner.card)
        for _ in unseen.watched(evaluation.parts):
            pass
        body = FileAnswer.of(task, evaluation.served.experiment_id, evaluation.n_rows, rows, unseen.shares(),
                             metrics=evaluation.metrics(), rows_without_target=evaluation.rows_without_target)
        show(body, as_json, lambda: f"experiment {body.experiment_id} on {_judged_words(evaluation)}\n" + table(
            [{"metric": name, "value": value} for name, value in (body.metrics or {}).items()])
            + gap_words(body.no_value or {}) + _unseen_words(unseen) + read_words(rows))


def _judged_words(evaluation: Evaluation) -> str:
    bare = evaluation.rows_without_target
    return f"{evaluation.n_rows - bare} rows" + (f"; {bare} without a target were not judged" if bare else "")


def _unseen_words(unseen: Unseen) -> str:
    """A line to put at an end; nothing where training saw all categories."""
    shares = ", ".join(f"{share:.1%} of {name}" for name, share in unseen.shares().items())
    return f"\nnever seen in training: {shares}" if shares else ""
