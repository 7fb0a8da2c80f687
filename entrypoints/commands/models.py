"""Asking a model, and asking about it."""
from __future__ import annotations

import json

import click

from domain.task import Kind
from entrypoints.commands.shell import as_json, read_input, show, wired
from entrypoints.http.answers import metadata_body, one_answer
from entrypoints.json_rows import decode_row


@click.command("forward")
@click.argument("task")
@click.argument("file", default="-")
@as_json
def forward(task: str, file: str, as_json: bool) -> None:
    """Answer one row, a JSON object in FILE or on standard input."""
    body = read_input(file)
    with wired() as container:
        container.serving_models().refresh()
        answer = container.forward().execute(task, decode_row(body))
        prediction, probabilities = one_answer(answer.predictions)
        document = {"request_id": container.clock().new_id(), "task": task,
                    "experiment_id": answer.served.experiment_id, "prediction": prediction,
                    "probabilities": probabilities}
        show(document, as_json, lambda: _words(document))


def _words(document: dict) -> str:
    shares = ", ".join(f"{label}: {share:.4f}" for label, share in (document["probabilities"] or {}).items())
    return f"{document['prediction']}" + (f"  ({shares})" if shares else "")


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
