"""Whole files: answered, or answered and judged."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import click

from application.ports.serving_models import ServedModel
from application.use_cases.forward_batch import BatchPart
from domain.picture_answer import Output
from domain.task import Kind
from entrypoints.answer_files import answer_files
from entrypoints.commands.shell import FILE, as_json, opened, show, table, watched, wired, written_whole
from entrypoints.commands.wishes import wishes
from entrypoints.csv_rows import answered, answered_csv, text_rows
from entrypoints.labelled_rows import labelled_rows
from entrypoints.picture_answers import DrawnVideo, drawn_answers
from entrypoints.picture_files import DrawnAnswer, Wish, rows_of_archive
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container

Answer = DrawnAnswer | DrawnVideo


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
        of_pictures = ports.task_catalog(container).get(task).kind is Kind.IMAGE
        get.serving_models(container).refresh()
        with written_whole(output) as written:
            if of_pictures:
                served, count = _answer_archive(
                    container, task, content, written, Wish(Output(form), threshold, frames))
            else:
                served, count = _answer_table(container, task, content, written)
        body = {"task": task, "experiment_id": served.experiment_id, "count": count, "output": str(output)}
        what = "pictures and videos" if of_pictures else "rows"
        show(body, as_json, lambda: f"{count} {what} answered by experiment {served.experiment_id}: {output}")


def _answer_table(container: Container, task: str, content: BinaryIO, written: BinaryIO) -> tuple[ServedModel, int]:
    """How many rows were answered, and by what."""
    codec, counts = ports.csv_codec(container), list[int]()
    rows = text_rows(codec, content, ports.csv_limits(container))
    answer = get.forward_batch(container).execute(task, watched(rows, content))
    for piece in answered_csv(codec, answered(_counted(answer.parts, counts)), answer.served.runner.card.labels):
        written.write(piece)
    return answer.served, sum(counts)


def _answer_archive(container: Container, task: str, content: BinaryIO, written: BinaryIO, wish: Wish
                    ) -> tuple[ServedModel, int]:
    """How many pictures and videos were answered, and by what."""
    reader = get.picture_reader(container)
    rows = rows_of_archive(reader, ports.task_catalog(container).get(task), content, labelled=False)
    answer, names = get.forward_batch(container).execute(task, watched(rows, content)), list[str]()
    answers = _named(drawn_answers(reader.codec, reader.videos, answer, wish), names)
    for piece in reader.archive.write(answer_files(answers)):
        written.write(piece)
    return answer.served, len(names)


@click.command("evaluate")
@click.argument("task")
@click.argument("file", type=FILE)
@as_json
def evaluate(task: str, file: Path, as_json: bool) -> None:
    """How good is the model that serves TASK on the labelled rows of FILE?"""
    with wired() as container, opened(file) as content:
        get.serving_models(container).refresh()
        rows = labelled_rows(get.file_reader(container), ports.task_catalog(container).get(task), content)
        evaluation = get.evaluate(container).execute(task, watched(rows, content))
        body = {"task": task, "experiment_id": evaluation.served.experiment_id, "count": evaluation.predictions.n_rows,
                "metrics": evaluation.metrics}
        show(body, as_json, lambda: f"experiment {body['experiment_id']} on {body['count']} rows\n" + table(
            [{"metric": name, "value": value} for name, value in evaluation.metrics.items()]))


def _counted(parts: Iterable[BatchPart], counts: list[int]) -> Iterator[BatchPart]:
    for part in parts:
        counts.append(part.predictions.n_rows)
        yield part


def _named(answers: Iterable[tuple[str, Answer]], names: list[str]) -> Iterator[tuple[str, Answer]]:
    for name, answer in answers:
        names.append(name)
        yield name, answer
