from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO

from entrypoints.answers.datasets import CheckedAnswer, ColumnsAnswer, Drawn, PicturesAnswer, SampleAnswer
from entrypoints.answers.labels import LabelsAnswer
from entrypoints.answers.versions import AddedAnswer, DatasetAnswer, UndoneAnswer
from entrypoints.commands.abilities.data import Data
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.there.connection import part_of_path
from entrypoints.commands.there.failures import NoService
from entrypoints.commands.there.of_service import OfService
from entrypoints.commands.there.once import once
from entrypoints.commands.there.telling import told
from entrypoints.formats.files import EXPORT, written_whole


class DataThere(OfService, Data):
    def add_data(self, task: str, file: Sent) -> AddedAnswer:
        return once(lambda headers: told(self._service, AddedAnswer, "PUT", "/add_data", file, {"task": task}, headers))

    def check_data(self, task: str, file: Sent) -> CheckedAnswer:
        return told(self._service, CheckedAnswer, "POST", f"{_of(task)}/check", file, {})

    def add_labels(self, task: str, file: Sent) -> LabelsAnswer:
        return told(self._service, LabelsAnswer, "PUT", "/labels", file, {"task": task})

    def undo_data(self, task: str, version: int | None) -> UndoneAnswer:
        return self._service.ask(UndoneAnswer, "DELETE", f"{_of(task)}/versions/newest", params={"version": version})

    def dataset(self, task: str) -> DatasetAnswer:
        return self._service.ask(DatasetAnswer, "GET", _of(task))

    def columns(self, task: str, version: int | None) -> ColumnsAnswer:
        return self._service.ask(ColumnsAnswer, "GET", f"{_of(task)}/columns", params={"version": version})

    def sample(self, task: str, version: int | None, rows: int) -> SampleAnswer:
        return self._service.ask(SampleAnswer, "GET", f"{_of(task)}/sample", params={"version": version, "rows": rows})

    def pictures(self, task: str, version: int | None, limit: int, before: int | None, label: str | None
                 ) -> PicturesAnswer:
        return self._service.ask(PicturesAnswer, "GET", f"{_of(task)}/pictures", params={
            "version": version, "limit": limit, "before": before, "label": label})

    def write_picture(self, task: str, digest: str, draw: Drawn | None, max_px: int | None, output: BinaryIO) -> None:
        self._service.write(output, f"{_of(task)}/pictures/{part_of_path(digest)}",
                            params={"draw": draw, "max_px": max_px})

    def write_rows(self, task: str, version: int | None, form: str | None, output: BinaryIO) -> None:
        self._service.write(output, f"{_of(task)}/rows", params={"version": version, "format": form})

    def export_data(self, task: str, parts: Sequence[str], version: int | None, folder: Path) -> dict[str, Any]:
        asked = {"version": version, "parts": ",".join(parts)}
        with self._service.stream("GET", f"{_of(task)}/export", params=asked) as response, _spool() as packed:
            for piece in response.iter_bytes():
                packed.write(piece)
            _unpack(packed, folder)
            counts = json.loads(response.headers.get("X-Rows", "{}"))
        document: dict[str, Any] = json.loads((folder / EXPORT).read_bytes())
        return document | {"rows": counts}


def _spool() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="progon-")


def _unpack(packed: IO[bytes], folder: Path) -> None:
    """Each file by its name alone, wherever a zip would have it. Raises: NoService, InvalidInput."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(packed) as archive:
            for member in archive.infolist():
                with archive.open(member) as content, written_whole(folder / Path(member.filename).name) as file:
                    shutil.copyfileobj(content, file)
    except zipfile.BadZipFile as failure:
        raise NoService(f"the service gave no zip: {failure}") from failure


def _of(task: str) -> str:
    return f"/datasets/{part_of_path(task)}"
