from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from application.queries.versions import find_version
from domain.errors import NothingDeployed
from domain.masking import without_private
from domain.table import concat
from domain.task import Task
from domain.unseen import Unseen
from entrypoints.answers.datasets import CheckedAnswer, ColumnsAnswer, Drawn, PicturesAnswer, SampleAnswer
from entrypoints.answers.labels import LabelsAnswer
from entrypoints.answers.versions import AddedAnswer, DatasetAnswer, UndoneAnswer
from entrypoints.commands.abilities.data import Data
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.here.of_home import OfHome
from entrypoints.commands.shell import opened, user, watched
from entrypoints.formats.files import EXPORT, written_whole
from entrypoints.formats.formats import FileRows
from entrypoints.formats.picture_previews import PicturePreviews
from entrypoints.wiring import get, ports


class DataHere(OfHome, Data):
    def add_data(self, task: str, file: Sent) -> AddedAnswer:
        with self._labelled(task, file) as (found, rows, content):
            added = get.add_data(self._container).execute(task, watched(rows, content))
            return AddedAnswer.of(added, rows, get.few_labels(self._container).of(found))

    def check_data(self, task: str, file: Sent) -> CheckedAnswer:
        get.serving_models(self._container).refresh()
        with self._labelled(task, file) as (found, rows, content):
            parts = get.check_rows(self._container).execute(task, watched(rows, content), labelled=True)
            previews = PicturePreviews(found, ports.picture_codec(self._container), 0)
            unseen = self._unseen(task)
            previews.look(unseen.watched(parts) if unseen else parts)
            return CheckedAnswer.of(task, previews.rows, previews.rows_without_target, None,
                                    unseen.shares() if unseen else {}, rows)

    def add_labels(self, task: str, file: Sent) -> LabelsAnswer:
        with opened(file.path) as content:
            rows = get.table_reader(self._container).read(content, file.charset)
            return LabelsAnswer.of(get.add_labels(self._container).execute(task, watched(rows.some(), content)))

    def undo_data(self, task: str, version: int | None) -> UndoneAnswer:
        undone = get.undo_data(self._container).execute(task, version, user())
        return UndoneAnswer.of(undone, ports.feature_store(self._container).versions(task))

    def dataset(self, task: str) -> DatasetAnswer:
        found = ports.task_catalog(self._container).get(task)
        versions = ports.feature_store(self._container).versions(task)
        return DatasetAnswer.of(found, versions, get.label_shares(self._container).of(found, versions),
                                get.few_labels(self._container).of(found))

    def columns(self, task: str, version: int | None) -> ColumnsAnswer:
        found = ports.task_catalog(self._container).get(task)
        return ColumnsAnswer.of(task, get.column_summaries(self._container).of(found, version))

    def sample(self, task: str, version: int | None, rows: int) -> SampleAnswer:
        found, number = self._version(task, version)
        table = next(iter(ports.feature_store(self._container).read(found, number, chunk_rows=rows)))
        return SampleAnswer.of(found, number, table, rows)

    def pictures(self, task: str, version: int | None, limit: int, before: int | None, label: str | None
                 ) -> PicturesAnswer:
        found = ports.task_catalog(self._container).get(task)
        return PicturesAnswer.of(task, get.picture_gallery(self._container).page(found, version, limit, before, label))

    def write_picture(self, task: str, digest: str, draw: Drawn | None, max_px: int | None, output: BinaryIO) -> None:
        found, gallery = ports.task_catalog(self._container).get(task), get.picture_gallery(self._container)
        output.write(gallery.file(digest) if draw is None and max_px is None else gallery.drawn(
            found, digest, draw is Drawn.MASK, max_px))

    def write_rows(self, task: str, version: int | None, form: str | None, output: BinaryIO) -> None:
        found, number = self._version(task, version)
        tables = ports.feature_store(self._container).read(found, number, chunk_rows=8_192)
        shown = (without_private(found.schema, table) for table in tables)
        for piece in get.formats(self._container)[found.kind].stored(found, shown, form or "csv").pieces:
            output.write(piece)

    def export_data(self, task: str, parts: Sequence[str], version: int | None, folder: Path) -> dict[str, Any]:
        exported = get.export_data(self._container).execute(task, parts, version)
        formats, counts = get.formats(self._container)[exported.task.kind], dict[str, int]()
        folder.mkdir(parents=True, exist_ok=True)
        for part, tables in exported.tables.items():
            if chunks := list(tables):
                whole = concat(chunks)
                formats.leave(exported.task, whole, folder / part)
                counts[part] = whole.n_rows
        document = exported.export.to_document()
        with written_whole(folder / EXPORT) as file:
            file.write(json.dumps(document, indent=1).encode())
        return document | {"rows": counts}

    def _unseen(self, task: str) -> Unseen | None:
        """What the model that serves has never seen; None where nothing serves."""
        try:
            return Unseen(get.serving_models(self._container).current(task).runner.card)
        except NothingDeployed:
            return None

    def _version(self, task: str, version: int | None) -> tuple[Task, int]:
        """Raises: UnknownTask, UnknownDatasetVersion."""
        found = ports.task_catalog(self._container).get(task)
        return found, find_version(ports.feature_store(self._container), task, version).version

    @contextmanager
    def _labelled(self, task: str, file: Sent) -> Iterator[tuple[Task, FileRows, BinaryIO]]:
        with opened(file.path) as content:
            found = ports.task_catalog(self._container).get(task)
            yield found, get.formats(self._container)[found.kind].rows(found, content, True, file.charset), content
