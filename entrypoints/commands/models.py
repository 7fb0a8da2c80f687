"""Asking a model, and asking about it."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from domain.errors import InvalidInput
from domain.picture_answer import Output
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import FILE, as_json, read_input, show, table
from entrypoints.commands.wishes import explain, ignore_extra, wishes
from entrypoints.formats.picture_wish import PictureWish


@click.command("forward")
@click.argument("task")
@click.argument("file", default="-")
@click.option("-o", "--output", type=FILE, help="Of a picture: where the answer goes, a PNG; of a video a video.")
@wishes
@ignore_extra
@explain
@as_json
def forward(
    task: str, file: str, output: Path | None, form: Output | None, threshold: float | None, ignores: bool,
    explains: bool, as_json: bool,
) -> None:
    """Answer one row, a JSON object in FILE or on standard input, or an array of some; or one picture, or one video in
    FILE."""
    body = read_input(file)
    with asked() as progon:
        document = progon.forward(task, file, body, PictureWish(form, threshold), output, ignores, explains)
        if output is not None and str(output) not in document.values():
            raise InvalidInput(f"there is no picture in the answer, so {output} was not written; of pictures by class "
                               "say --form heatmap for the regions that decided")
        show(document, as_json, lambda: _words(document), output)


def _words(document: Mapping[str, Any]) -> str:
    ignored = f"\nignored: {', '.join(document['ignored'])}" if document.get("ignored") else ""
    if "predictions" in document:
        shares: Mapping[str, Sequence[float]] = document["probabilities"] or {}
        return table([{"row": row + 1, "prediction": str(prediction)} | {label: of[row] for label, of in shares.items()}
                      for row, prediction in enumerate(document["predictions"])]) + ignored + _why_some(document)
    return _of_one(document) + ignored + _why(document.get("explanation"))


def _why(said: Mapping[str, Any] | None) -> str:
    """The largest first."""
    if said is None:
        return ""
    ordered = sorted(said["contributions"].items(), key=lambda item: -abs(item[1]))
    of = f" of {said['label']}" if "label" in said else ""
    return f"\n\nmean answer{of}: {said['base']:.4g}; to it\n" + table(
        [{"column": name, "adds": f"{value:+.4g}"} for name, value in ordered])


def _why_some(document: Mapping[str, Any]) -> str:
    said = document.get("explanation")
    if said is None:
        return ""
    return "\n\nto the mean answer\n" + table(
        [{"row": row + 1, "base": f"{base:.4g}"} | {
            name: f"{values[row]:+.4g}" for name, values in said["contributions"].items()}
         for row, base in enumerate(said["base"])])


def _of_one(document: Mapping[str, Any]) -> str:
    answer, known = ("output", "summary") if "output" in document else ("prediction", "probabilities")
    shares = ", ".join(f"{label}: {share:.4f}" for label, share in (document[known] or {}).items())
    counts = ", ".join(f"{found['count']} parts of {label}" for label, found in (document.get("parts") or {}).items())
    return f"{document[answer]}" + (f"  ({shares})" if shares else "") + (f"  {counts}" if counts else "")


@click.command("metadata")
@click.argument("task", required=False)
@as_json
def metadata(task: str | None, as_json: bool) -> None:
    """What the serving model's file says of itself."""
    with asked() as progon:
        body = progon.metadata(task)
        show(body, as_json, lambda: json.dumps(msgspec.to_builtins(body), indent=2, ensure_ascii=False))
