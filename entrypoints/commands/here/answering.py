from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from domain.task import Task
from domain.unseen import Unseen
from entrypoints.answers.batches import FileAnswer
from entrypoints.answers.models import ModelCardAnswer
from entrypoints.commands.abilities.answering import Answering
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.here.of_home import OfHome
from entrypoints.commands.shell import opened, watched
from entrypoints.formats.formats import FileRows
from entrypoints.formats.picture_wish import PictureWish
from entrypoints.wiring import get, ports


class AnsweringHere(OfHome, Answering):
    def forward(self, task: str, name: str, content: bytes, wish: PictureWish, output: Path | None, ignores: bool,
                explains: bool) -> dict[str, object]:
        found = self._served(task)
        answer = get.formats(self._container)[found.kind].forward_file(
            get.answering(self._container, explains), found, name, content, wish, output, ignores)
        return {"request_id": ports.clock(self._container).new_id(), "task": task} | answer

    def forward_batch(self, task: str, file: Sent, wish: PictureWish, suffix: str, output: BinaryIO, ignores: bool,
                      explains: bool) -> FileAnswer:
        found = self._served(task)
        formats = get.formats(self._container)[found.kind]
        with opened(file.path) as content:
            rows = _as_wished(formats.rows(found, content, False, file.charset), ignores)
            exchange = get.answering(self._container, explains).execute(task, watched(rows, content))
            answers, unseen = formats.file_form(found, wish, suffix), Unseen(exchange.served.runner.card)
            for piece in answers.stream(exchange.served, unseen.watched(exchange.parts)):
                output.write(piece)
        return FileAnswer.of(task, exchange.served.experiment_id, answers.count, rows, unseen.shares(),
                             ignores=ignores)

    def evaluate(self, task: str, file: Sent, suffix: str, output: BinaryIO | None, ignores: bool, explains: bool
                 ) -> FileAnswer:
        found = self._served(task)
        with opened(file.path) as content:
            formats = get.formats(self._container)[found.kind]
            rows = _as_wished(formats.rows(found, content, True, file.charset), ignores)
            evaluation = get.evaluate(self._container, explains).execute(task, watched(rows, content))
            unseen = Unseen(evaluation.served.runner.card)
            parts = unseen.watched(evaluation.parts)
            if output is None:
                for _ in parts:
                    pass
            else:
                for piece in formats.file_form(found, PictureWish(), suffix).stream(evaluation.served, parts):
                    output.write(piece)
        return FileAnswer.of(task, evaluation.served.experiment_id, evaluation.n_rows, rows, unseen.shares(),
                             metrics=evaluation.metrics(), rows_without_target=evaluation.rows_without_target,
                             ignores=ignores)

    def metadata(self, task: str | None) -> ModelCardAnswer:
        models = get.serving_models(self._container)
        models.refresh()
        name = get.choose_task(self._container).execute(task, None)
        return ModelCardAnswer.of(models.current(name))

    def _served(self, task: str) -> Task:
        """With what serves it now."""
        get.serving_models(self._container).refresh()
        return ports.task_catalog(self._container).get(task)


def _as_wished(rows: FileRows, ignores: bool) -> FileRows:
    return rows.tolerant() if ignores else rows
