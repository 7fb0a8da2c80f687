"""Asking a model, and asking about it."""
from __future__ import annotations

import json
from pathlib import Path, PurePath

import click

from domain.errors import InvalidInput
from domain.picture_answer import Output
from domain.task import Kind
from entrypoints.commands.shell import FILE, as_json, read_input, show, wired, written_whole
from entrypoints.commands.wishes import wishes
from entrypoints.http.answers import metadata_body, one_answer
from entrypoints.json_rows import decode_row
from entrypoints.picture_answers import drawn_answers
from entrypoints.picture_files import Wish, is_video, rows_of_picture, rows_of_video
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container


@click.command("forward")
@click.argument("task")
@click.argument("file", default="-")
@click.option("-o", "--output", type=FILE, help="Of a picture: where the answer goes, a PNG; of a video a video.")
@wishes
@as_json
def forward(task: str, file: str, output: Path | None, form: str, threshold: float | None, as_json: bool) -> None:
    """Answer one row, a JSON object in FILE or on standard input; or one picture, or one video in FILE."""
    body = read_input(file)
    with wired() as container:
        get.serving_models(container).refresh()
        if ports.task_catalog(container).get(task).kind is Kind.IMAGE:
            document = _answer_file(container, task, file, body, output, Wish(Output(form), threshold))
        else:
            document = _answer_row(container, task, body)
        show(document, as_json, lambda: _words(document))


def _answer_row(container: Container, task: str, body: bytes) -> dict:
    answer = get.forward(container).execute(task, decode_row(body))
    prediction, probabilities = one_answer(answer.predictions)
    return {"request_id": ports.clock(container).new_id(), "task": task, "experiment_id": answer.served.experiment_id,
            "prediction": prediction, "probabilities": probabilities}


def _answer_file(container: Container, task: str, name: str, content: bytes, output: Path | None, wish: Wish) -> dict:
    """One picture, or one video. Raises: InvalidInput, TooLarge, and what the use case does."""
    _check_output(task, name, output)
    found = ports.task_catalog(container).get(task)
    reader = get.picture_reader(container)
    rows = (rows_of_video(reader, found, name, content) if is_video(name)
            else [rows_of_picture(reader, found, name, content)])
    answer = get.forward_batch(container).execute(task, rows)
    (_, drawing), = drawn_answers(reader.codec, reader.videos, answer, wish)
    with written_whole(output) as written:
        written.write(drawing.content)
    return {"request_id": ports.clock(container).new_id(), "task": task, "experiment_id": answer.served.experiment_id,
            "output": str(output), "width": drawing.width, "height": drawing.height, "summary": dict(drawing.summary)
            } | ({"frames": drawing.frames} if is_video(name) else {})


def _check_output(task: str, name: str, output: Path | None) -> None:
    """Raises: InvalidInput."""
    suffix = PurePath(name).suffix if is_video(name) else ".png"
    if output is None:
        raise InvalidInput(f"the task {task} answers pictures by pictures, videos by videos: say -o FILE{suffix}")
    if is_video(name) and output.suffix.lower() != suffix.lower():
        raise InvalidInput(f"a video is answered by a video of the same kind: say -o FILE{suffix}; for a picture of "
                           "each frame put it into a zip for forward-batch --frames")


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
        get.serving_models(container).refresh()
        name = get.choose_task(container).execute(task, Kind.TABULAR)
        body = metadata_body(get.serving_models(container).current(name).runner.card)
        show(body, as_json, lambda: json.dumps(body, indent=2, ensure_ascii=False))
