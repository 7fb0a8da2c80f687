"""Asking a model, and asking about it."""
from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from domain.picture_answer import Output
from entrypoints.answers.models import ModelCardAnswer
from entrypoints.commands.shell import FILE, as_json, read_input, show, wired
from entrypoints.commands.wishes import wishes
from entrypoints.formats.picture_wish import PictureWish
from entrypoints.wiring import get, ports


@click.command("forward")
@click.argument("task")
@click.argument("file", default="-")
@click.option("-o", "--output", type=FILE, help="Of a picture: where the answer goes, a PNG; of a video a video.")
@wishes
@as_json
def forward(
    task: str, file: str, output: Path | None, form: Output | None, threshold: float | None, as_json: bool,
) -> None:
    """Answer one row, a JSON object in FILE or on standard input; or one picture, or one video in FILE."""
    body = read_input(file)
    with wired() as container:
        get.serving_models(container).refresh()
        found = ports.task_catalog(container).get(task)
        answer = get.formats(container)[found.kind].forward_file(
            get.answering(container), found, file, body, PictureWish(form, threshold), output)
        document = {"request_id": ports.clock(container).new_id(), "task": task} | answer
        show(document, as_json, lambda: _words(document))


def _words(document: Mapping[str, Any]) -> str:
    answer, known = ("output", "summary") if "output" in document else ("prediction", "probabilities")
    shares = ", ".join(f"{label}: {share:.4f}" for label, share in (document[known] or {}).items())
    counts = ", ".join(f"{found['count']} parts of {label}" for label, found in (document.get("parts") or {}).items())
    return f"{document[answer]}" + (f"  ({shares})" if shares else "") + (f"  {counts}" if counts else "")


@click.command("metadata")
@click.argument("task", required=False)
@as_json
def metadata(task: str | None, as_json: bool) -> None:
    """What the serving model's file says of itself."""
    with wired() as container:
        get.serving_models(container).refresh()
        name = get.choose_task(container).execute(task, None)
        body = ModelCardAnswer.of(get.serving_models(container).current(name).runner.card)
        show(body, as_json, lambda: json.dumps(msgspec.to_builtins(body), indent=2, ensure_ascii=False))
