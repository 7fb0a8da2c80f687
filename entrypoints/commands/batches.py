"""Whole files: answered, or answered and judged."""
from __future__ import annotations

from pathlib import Path

import click

from domain.picture_answer import Output
from entrypoints.commands.shell import FILE, as_json, charset, opened, read_words, show, table, watched, wired
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
def forward_batch(task: str, file: Path, output: Path, form: str, threshold: float | None, charset: str | None,
                  frames: bool, as_json: bool) -> None:
    """Answer all of FILE: a table (CSV, XLSX, NDJSON, also packed) by a CSV of its columns, the prediction and the
    probabilities, row by row as they came; a zip of pictures and videos by a zip of answers."""
    with wired() as container, opened(file) as content:
        found = ports.task_catalog(container).get(task)
        get.serving_models(container).refresh()
        formats = get.formats(container)[found.kind]
        with written_whole(output) as written:
            rows = formats.rows(found, content, False, charset)
            exchange = get.answering(container).execute(task, watched(rows, content))
            answers = formats.file_form(PictureWish(Output(form), threshold, frames))
            for piece in answers.stream(exchange.served, exchange.parts):
                written.write(piece)
        experiment_id = exchange.served.experiment_id
        body = {"task": task, "experiment_id": experiment_id, "count": answers.count, "output": str(output)}
        show(body | rows.told, as_json,
             lambda: f"{answers.count} {formats.noun} answered by experiment {experiment_id}: {output}"
             + read_words(rows))


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
        metrics, experiment_id = evaluation.metrics(), evaluation.served.experiment_id
        body = {"task": task, "experiment_id": experiment_id, "count": evaluation.n_rows, "metrics": metrics}
        show(body | rows.told, as_json, lambda: f"experiment {experiment_id} on {evaluation.n_rows} rows\n" + table(
            [{"metric": name, "value": value} for name, value in metrics.items()]) + read_words(rows))
