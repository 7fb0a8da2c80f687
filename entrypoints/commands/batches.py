"""Whole files: answered, or answered and judged."""
from __future__ import annotations

from pathlib import Path

import click

from domain.picture_answer import Output
from entrypoints.commands.shell import FILE, as_json, opened, passed_over_words, show, table, watched, wired
from entrypoints.commands.wishes import wishes
from entrypoints.formats.files import written_whole
from entrypoints.formats.picture_wish import PictureWish
from entrypoints.wiring import get, ports


@click.command("forward-batch")
@click.argument("task")
@click.argument("file", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="Where the answers go; written whole or not at all.")
@wishes
@click.option("--frames", is_flag=True, help="Of videos: a picture for each frame instead of a video.")
@as_json
def forward_batch(task: str, file: Path, output: Path, form: str, threshold: float | None, frames: bool,
                  as_json: bool) -> None:
    """Answer all of FILE: a CSV by its columns, the prediction and the probabilities, row by row as they came; a zip of
    pictures and videos by a zip of answers."""
    with wired() as container, opened(file) as content:
        found = ports.task_catalog(container).get(task)
        get.serving_models(container).refresh()
        formats = get.formats(container)[found.kind]
        with written_whole(output) as written:
            exchange = get.answering(container).execute(task, watched(formats.rows(found, content, False), content))
            answers = formats.file_form(PictureWish(Output(form), threshold, frames))
            for piece in answers.stream(exchange.served, exchange.parts):
                written.write(piece)
        experiment_id = exchange.served.experiment_id
        beside = formats.passed_over(content, False)
        body = {"task": task, "experiment_id": experiment_id, "count": answers.count, "output": str(output)} | (
            {"passed_over": beside} if beside else {})
        show(body, as_json, lambda: f"{answers.count} {formats.noun} answered by experiment {experiment_id}: {output}"
             + passed_over_words(beside))


@click.command("evaluate")
@click.argument("task")
@click.argument("file", type=FILE)
@as_json
def evaluate(task: str, file: Path, as_json: bool) -> None:
    """How good is the model that serves TASK on the labelled rows of FILE?"""
    with wired() as container, opened(file) as content:
        get.serving_models(container).refresh()
        found = ports.task_catalog(container).get(task)
        formats = get.formats(container)[found.kind]
        rows = formats.rows(found, content, labelled=True)
        evaluation = get.evaluate(container).execute(task, watched(rows, content))
        metrics, experiment_id = evaluation.metrics(), evaluation.served.experiment_id
        beside = formats.passed_over(content, True)
        body = {"task": task, "experiment_id": experiment_id, "count": evaluation.n_rows, "metrics": metrics} | (
            {"passed_over": beside} if beside else {})
        show(body, as_json, lambda: f"experiment {experiment_id} on {evaluation.n_rows} rows\n" + table(
            [{"metric": name, "value": value} for name, value in metrics.items()]) + passed_over_words(beside))
