from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import httpx
import msgspec

from application.use_cases.explain_rows import OF_PICTURES
from domain.errors import InvalidInput
from entrypoints.answers.batches import FileAnswer
from entrypoints.answers.models import ModelCardAnswer
from entrypoints.commands.abilities.answering import Answering
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.there.failures import NoService
from entrypoints.commands.there.of_service import OfService
from entrypoints.commands.there.pictures import answered_picture, answered_video, looks_like_a_row, wish_headers
from entrypoints.formats.picture_problem import is_video
from entrypoints.formats.picture_wish import PictureWish

_CSV, _ZIP = "text/csv", "application/zip"
# The first that the answers of the task can be had as: tables as CSV, masks as a zip.
_EITHER = f"{_CSV}, {_ZIP}"
_ARROW = "application/vnd.apache.arrow.stream"
_ACCEPT = {".parquet": "application/vnd.apache.parquet", ".arrow": _ARROW, ".arrows": _ARROW, ".zip": _ZIP}
_TOLD = ("count", "ignored", "read", "passed_over", "metrics", "no_value", "rows_without_target", "unseen")


class AnsweringThere(OfService, Answering):
    def forward(self, task: str, name: str, content: bytes, wish: PictureWish, output: Path | None, ignores: bool,
                explains: bool) -> dict[str, object]:
        if looks_like_a_row(name, content):
            return self._service.ask(
                dict[str, object], "POST", "/forward", params=_params(task, ignores, explains), content=content,
                headers={"Content-Type": "application/json"})
        if explains:
            raise InvalidInput(OF_PICTURES)
        answered = answered_video if is_video(name) else answered_picture
        return answered(self._service, task, name, content, wish, output)

    def forward_batch(self, task: str, file: Sent, wish: PictureWish, suffix: str, output: BinaryIO, ignores: bool,
                      explains: bool) -> FileAnswer:
        return self._answered("/forward_batch", _params(task, ignores, explains), file, suffix, output,
                              wish_headers(wish))

    def evaluate(self, task: str, file: Sent, suffix: str, output: BinaryIO | None, ignores: bool, explains: bool
                 ) -> FileAnswer:
        return self._answered("/evaluate", _params(task, ignores, explains), file, suffix, output, {})

    def _answered(self, path: str, params: Mapping[str, object], file: Sent, suffix: str, output: BinaryIO | None,
                  headers: Mapping[str, str]) -> FileAnswer:
        headers = {"Accept": _ACCEPT.get(suffix.lower(), _EITHER), **headers}
        with self._service.stream("POST", path, params=params, files={"file": file}, headers=headers) as response:
            if output is not None:
                for piece in response.iter_bytes():
                    output.write(piece)
            return _told(response)

    def metadata(self, task: str | None) -> ModelCardAnswer:
        return self._service.ask(ModelCardAnswer, "GET", "/metadata", params={"task": task})


def _params(task: str, ignores: bool, explains: bool) -> dict[str, object]:
    return {"task": task, "extra": "ignore" if ignores else None, "explain": "true" if explains else None}


def _told(response: httpx.Response) -> FileAnswer:
    """What the headers say beside the answers. Raises: NoService."""
    headers = response.headers
    said = {name: headers.get(f"X-{name.replace('_', '-')}") for name in _TOLD}
    try:
        return msgspec.convert({
            "request_id": headers.get("X-Request-ID"), "task": headers.get("X-Task"),
            "experiment_id": int(headers.get("X-Experiment-ID", "")),
            **{name: json.loads(text) for name, text in said.items() if text is not None}}, FileAnswer)
    except (ValueError, msgspec.MsgspecError) as failure:
        raise NoService(f"{response.url} does not say what it answered: {failure}") from failure
