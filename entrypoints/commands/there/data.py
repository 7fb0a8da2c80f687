from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from entrypoints.answers.datasets import CheckedAnswer, ColumnsAnswer, SampleAnswer
from entrypoints.answers.labels import LabelsAnswer
from entrypoints.answers.versions import AddedAnswer, DatasetAnswer, UndoneAnswer
from entrypoints.commands.abilities.data import Data
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.there.connection import part_of_path
from entrypoints.commands.there.of_service import OfService


class DataThere(OfService, Data):
    def add_data(self, task: str, file: Sent) -> AddedAnswer:
        return self._service.ask(AddedAnswer, "PUT", "/add_data", params={"task": task}, files={"file": file})

    def check_data(self, task: str, file: Sent) -> CheckedAnswer:
        return self._service.ask(CheckedAnswer, "POST", f"{_of(task)}/check", files={"file": file})

    def add_labels(self, task: str, file: Sent) -> LabelsAnswer:
        return self._service.ask(LabelsAnswer, "PUT", "/labels", params={"task": task}, files={"file": file})

    def undo_data(self, task: str, version: int | None) -> UndoneAnswer:
        return self._service.ask(UndoneAnswer, "DELETE", f"{_of(task)}/versions/newest", params={"version": version})

    def dataset(self, task: str) -> DatasetAnswer:
        return self._service.ask(DatasetAnswer, "GET", _of(task))

    def columns(self, task: str, version: int | None) -> ColumnsAnswer:
        return self._service.ask(ColumnsAnswer, "GET", f"{_of(task)}/columns", params={"version": version})

    def sample(self, task: str, version: int | None, rows: int) -> SampleAnswer:
        return self._service.ask(SampleAnswer, "GET", f"{_of(task)}/sample", params={"version": version, "rows": rows})

    def write_rows(self, task: str, version: int | None, form: str | None, output: BinaryIO) -> None:
        self._service.write(output, f"{_of(task)}/rows", params={"version": version, "format": form})

    def export_data(self, task: str, parts: Sequence[str], version: int | None, folder: Path) -> dict[str, Any]:
        raise NotImplementedError


def _of(task: str) -> str:
    return f"/datasets/{part_of_path(task)}"
