"""Whole files: answered, or answered and judged."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from application.use_cases.forward_batch import BatchPart
from domain.errors import InvalidInput
from domain.task import Kind
from entrypoints.commands.shell import FILE, as_json, opened, show, table, watched, wired, written_whole
from entrypoints.csv_rows import answered_csv, text_rows
from entrypoints.labelled_rows import labelled_rows


@click.command("forward-batch")
@click.argument("task")
@click.argument("file", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="Where the answers go; written whole or not at all.")
@as_json
def forward_batch(task: str, file: Path, output: Path, as_json: bool) -> None:
    """Answer every row of FILE, a CSV: its columns, the prediction and the probabilities, row by row as they came."""
    with wired() as container, opened(file) as content:
        if container.task_catalog().get(task).kind is not Kind.TABULAR:
            raise InvalidInput(f"the task {task} takes pictures; send them to POST /forward_batch")
        container.serving_models().refresh()
        codec, counts = container.csv_codec(), []
        answer = container.forward_batch().execute(
            task, watched(text_rows(codec, content, container.csv_limits()), content))
        with written_whole(output) as written:
            for piece in answered_csv(codec, _counted(answer.parts, counts), answer.served.runner.card.labels):
                written.write(piece)
        body = {"task": task, "experiment_id": answer.served.experiment_id, "count": sum(counts), "output": str(output)}
        show(body, as_json, lambda: f"{body['count']} rows answered by experiment {body['experiment_id']}: {output}")


@click.command("evaluate")
@click.argument("task")
@click.argument("file", type=FILE)
@as_json
def evaluate(task: str, file: Path, as_json: bool) -> None:
    """How good is the model that serves TASK on the labelled rows of FILE?"""
    with wired() as container, opened(file) as content:
        container.serving_models().refresh()
        rows = labelled_rows(container, container.task_catalog().get(task), content)
        evaluation = container.evaluate().execute(task, watched(rows, content))
        body = {"task": task, "experiment_id": evaluation.served.experiment_id, "count": evaluation.predictions.n_rows,
                "metrics": evaluation.metrics}
        show(body, as_json, lambda: f"experiment {body['experiment_id']} on {body['count']} rows\n" + table(
            [{"metric": name, "value": value} for name, value in evaluation.metrics.items()]))


def _counted(parts: Iterable[BatchPart], counts: list[int]) -> Iterator[BatchPart]:
    for part in parts:
        counts.append(part.predictions.n_rows)
        yield part
