"""Asking a model, and asking about it."""
from __future__ import annotations

import json
from pathlib import Path

import click

from domain.errors import InvalidInput
from domain.picture_answer import Output
from domain.task import Kind
from entrypoints.commands.shell import FILE, as_json, read_input, show, wired, written_whole
from entrypoints.commands.wishes import wishes
from entrypoints.container import Container
from entrypoints.http.answers import metadata_body, one_answer
from entrypoints.json_rows import decode_row
from entrypoints.picture_files import Wish, drawn, rows_of_picture


@click.command("forward")
@click.argument("task")
@click.argument("file", default="-")
@click.option("-o", "--output", type=FILE, help="Of a picture: where the answer goes, a PNG.")
@wishes
@as_json
def forward(task: str, file: str, output: Path | None, form: str, threshold: float | None, as_json: bool) -> None:
    """Answer one row, a JSON object in FILE or on standard input; or one picture."""
    body = read_input(file)
    with wired() as container:
        container.serving_models().refresh()
        if container.task_catalog().get(task).kind is Kind.IMAGE:
            document = _answer_picture(container, task, file, body, output, Wish(Output(form), threshold))
        else:
            document = _answer_row(container, task, body)
        show(document, as_json, lambda: _words(document))


def _answer_row(container: Container, task: str, body: bytes) -> dict:
    answer = container.forward().execute(task, decode_row(body))
    prediction, probabilities = one_answer(answer.predictions)
    return {"request_id": container.clock().new_id(), "task": task, "experiment_id": answer.served.experiment_id,
            "prediction": prediction, "probabilities": probabilities}


def _answer_picture(container: Container, task: str, name: str, content: bytes, output: Path | None,
                    wish: Wish) -> dict:
    """Raises: InvalidInput, TooLarge, and what the use case does."""
    if output is None:
        raise InvalidInput(f"the task {task} answers pictures by pictures: say -o FILE.png")
    rows = rows_of_picture(container, container.task_catalog().get(task), name, content)
    answer = container.forward_batch().execute(task, [rows])
    part, = answer.parts
    picture = drawn(answer.served.task, container.picture_codec(), part.inputs, part.predictions, wish)
    with written_whole(output) as written:
        written.write(picture.content)
    return {"request_id": container.clock().new_id(), "task": task, "experiment_id": answer.served.experiment_id,
            "output": str(output), "width": picture.width, "height": picture.height, "summary": dict(picture.summary)}


def _words(document: dict) -> str:
    answer, known = ("output", "summary") if "output" in document else ("prediction", "probabilities")
    shares = ", ".join(f"{label}: {share:.4f}" for label, share in (document[known] or {}).items())
    return f"{document[answer]}" + (f"  ({shares})" if shares else "")


@click.command("metadata")
@click.argument("task", required=False)
@as_json
def metadata(task: str | None, as_json: bool) -> None:
    """What the serving model's file says of itself."""
    with wired() as container:
        container.serving_models().refresh()
        name = container.choose_task().execute(task, Kind.TABULAR)
        body = metadata_body(container.serving_models().current(name).runner.card)
        show(body, as_json, lambda: json.dumps(body, indent=2, ensure_ascii=False))
