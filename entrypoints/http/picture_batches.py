"""Zip files of pictures and videos: answered, or answered and judged."""
from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

import msgspec
from fastapi import Request
from starlette.responses import Response

from application.data.picture_rows import PictureRows
from application.ports.serving_models import ServedModel
from domain.errors import InvalidInput
from domain.prediction import Predictions
from domain.table import Table
from domain.task import Task
from entrypoints.answer_files import answer_files
from entrypoints.http.accept import accepted
from entrypoints.http.dependencies import request_id, wired
from entrypoints.http.spooled import SPOOL_BYTES, Spooled
from entrypoints.picture_answers import DrawnVideo, drawn_answers
from entrypoints.picture_files import DrawnAnswer, check_not_labelled, drawn, read_wish, rows_of_archive
from entrypoints.wiring import get, ports


def forwarded(request: Request, task: Task, file: BinaryIO) -> Response:
    """Raises: InvalidInput, TooLarge, and what the use case does."""
    reader, wish, form = get.picture_reader(wired(request)), read_wish(request.headers), _form(request)
    rows = rows_of_archive(reader, task, file, labelled=False)
    answer = get.forward_batch(wired(request)).execute(task.name, rows)
    with Spooled() as spool:
        writer = form(spool)
        for name, drawing in drawn_answers(reader.codec, reader.videos, answer, wish):
            writer.add(name, drawing)
        return _response(spool, request, writer, answer.served, {})


def evaluated(request: Request, task: Task, file: BinaryIO) -> Response:
    """Raises: InvalidInput, TooLarge, and what the use case does."""
    reader, wish, form = get.picture_reader(wired(request)), read_wish(request.headers), _form(request)
    check_not_labelled(wish)
    names: list[str] = []
    with Spooled() as spool:
        writer = form(spool)

        def show(served: ServedModel, table: Table, predictions: Predictions) -> None:
            writer.add(names[-1], drawn(served.task, reader.codec, table, predictions, wish))

        rows = _named(rows_of_archive(reader, task, file, labelled=True), names)
        evaluation = get.evaluate(wired(request)).execute(task.name, rows, show)
        return _response(spool, request, writer, evaluation.served, {"metrics": evaluation.metrics})


def _named(rows: Iterator[PictureRows], names: list[str]) -> Iterator[PictureRows]:
    for row in rows:
        names.append(row.name)
        yield row


def _response(spool: Spooled, request: Request, writer: _JsonItems | _ZippedItems, served: ServedModel,
              more: dict[str, object]) -> Response:
    head = {"request_id": request_id(request), "task": served.task.name, "experiment_id": served.experiment_id}
    headers = {"X-Task": served.task.name, "X-Experiment-ID": str(served.experiment_id)}
    if "metrics" in more:
        headers["X-Metrics"] = json.dumps(more["metrics"])
    return spool.response(writer.media_type, headers, *writer.end(head | {"count": writer.count} | more))


class _JsonItems:
    media_type = "application/json"

    def __init__(self, spool: Spooled) -> None:
        self._file, self.count = spool.file, 0

    def add(self, name: str, answer: DrawnAnswer | DrawnVideo) -> None:
        self._file.write((b"," if self.count else b"") + msgspec.json.encode({"name": name} | answer.as_fields()))
        self.count += 1

    def end(self, head: dict[str, object]) -> tuple[bytes, bytes]:
        return msgspec.json.encode(head)[:-1] + b',"items":[', b"]}"


class _ZippedItems:
    """The answers as files, and summary.csv."""

    media_type = "application/zip"

    def __init__(self, spool: Spooled, request: Request) -> None:
        self._spool, self._archive, self.count = spool, ports.picture_archive(wired(request)), 0
        self._answers = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)
        self._kept: list[tuple[str, DrawnAnswer | DrawnVideo, int]] = []

    def add(self, name: str, answer: DrawnAnswer | DrawnVideo) -> None:
        self.count += 1
        self._kept.append((name, replace(answer, content=b""), self._answers.write(answer.content)))

    def end(self, head: dict[str, object]) -> tuple[bytes, bytes]:
        with self._answers:
            self._answers.seek(0)
            for piece in self._archive.write(answer_files(self._again())):
                self._spool.file.write(piece)
        return b"", b""

    def _again(self) -> Iterator[tuple[str, DrawnAnswer | DrawnVideo]]:
        return ((name, replace(answer, content=self._answers.read(size))) for name, answer, size in self._kept)


def _form(request: Request):
    """Raises: InvalidInput for an answer that cannot be had."""
    kind = accepted(request, ("application/json", "application/zip"))
    if kind is None:
        raise InvalidInput("the answer can be application/json or application/zip")
    return _JsonItems if kind == "application/json" else lambda spool: _ZippedItems(spool, request)
