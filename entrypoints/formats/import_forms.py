"""What is sent with a model to be imported, read whole, so that everything that is wrong is told at once."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO, TypeVar

from application.use_cases.export_data import Export
from application.use_cases.import_model import ImportRequest
from domain import model_mapping
from domain.cells import describe, in_words
from domain.errors import Fault, InvalidInput
from domain.kinds.kind import Kind
from domain.makers_answers import MakersAnswers
from domain.task import Task
from entrypoints.formats.check_files import Checks
from entrypoints.formats.documents import parse_document
from entrypoints.formats.model_files import ModelFiles

FILES = ("model", "mapping", "check", "export")
FIELDS = ("mapping", "name", "dataset_version")
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class SentFile:
    """charset: what was said of it."""

    file: BinaryIO
    charset: str | None = None


class ImportForms:
    def __init__(self, models: ModelFiles, checks: Mapping[Kind, Checks]) -> None:
        self._models, self._checks = models, checks

    def read(self, task: Task, files: Mapping[str, SentFile], fields: Mapping[str, str], dry: bool) -> ImportRequest:
        """files: of FILES, by name; fields: of FIELDS. Raises: InvalidInput, TooLarge."""
        told = _Told(list(_unknown(fields)))
        if "model" not in files:
            told.faults.append(Fault("model", "is missing: the file with the model"))
        model = told.tried(lambda: self._models.read(files["model"].file)) if "model" in files else None
        mapping = told.tried(lambda: model_mapping.from_document(_document(files, fields, "mapping")))
        export = told.tried(lambda: Export.from_document(_document(files, fields, "export"))) if (
            "export" in files) else None
        makers = told.tried(lambda: self._check(task, files["check"]), "check") if "check" in files else None
        version = told.tried(lambda: _version(fields))
        told.check()
        assert model is not None and mapping is not None
        return ImportRequest(task.name, *model, mapping, makers, export, fields.get("name") or None, version, dry)

    def _check(self, task: Task, sent: SentFile) -> MakersAnswers:
        return self._checks[task.kind].read(task, sent.file, sent.charset)


class _Told:
    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults

    def tried(self, read: Callable[[], Read], of: str = "") -> Read | None:
        """None if it cannot be read, which is told at the end. of: the file whose rows and columns the faults name."""
        try:
            return read()
        except InvalidInput as failure:
            found = failure.faults or (Fault(of or "file", failure.detail),)
            self.faults += [replace(fault, where=_where(of, fault.where)) for fault in found]
            return None

    def check(self) -> None:
        """Raises: InvalidInput."""
        if self.faults:
            raise InvalidInput(f"the model cannot be imported: {in_words(self.faults)}", self.faults)


def _where(file: str, place: str) -> str:
    return place if not file else file if place in (file, "file") else f"{file}, {place}"


def _unknown(fields: Mapping[str, str]) -> list[Fault]:
    known = ", ".join([*FILES, *(name for name in FIELDS if name not in FILES)])
    return [Fault(name, f"is unknown; known are {known}") for name in fields if name not in FIELDS]


def _document(files: Mapping[str, SentFile], fields: Mapping[str, str], name: str) -> object:
    content = files[name].file.read() if name in files else fields.get(name, "").encode()
    return parse_document(content, name)


def _version(fields: Mapping[str, str]) -> int | None:
    text = fields.get("dataset_version", "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        problem = f"expected a whole number, got {describe(text)}"
        raise InvalidInput(f"dataset_version: {problem}", [Fault("dataset_version", problem)])
    return int(text)
