"""Rows for a training elsewhere."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from application.ports.feature_store import FeatureStore
from application.ports.task_catalog import TaskCatalog
from application.queries.parted import parted
from application.queries.versions import find_version
from domain.cells import describe
from domain.errors import Fault, InvalidInput
from domain.splitting import TRAIN, VALID
from domain.table import Table
from domain.task import Task

PARTS = {"train": TRAIN, "valid": VALID}


@dataclass(frozen=True, slots=True)
class Export:
    """Which rows were given away."""

    task: str
    dataset_version: int
    fingerprint: str
    parts: tuple[str, ...]

    def to_document(self) -> dict[str, object]:
        return asdict(self) | {"parts": list(self.parts)}

    @classmethod
    def from_document(cls, document: object) -> Export:
        """Raises: InvalidInput."""
        kinds = {"task": str, "dataset_version": int, "fingerprint": str, "parts": list}
        if not isinstance(document, Mapping) or set(document) != set(kinds) or not all(
                isinstance(document[name], kind) for name, kind in kinds.items()):
            problem = f"is not what progon export-data left, but {describe(document)}"
            raise InvalidInput(f"the export {problem}", [Fault("export", problem)])
        values: dict[str, Any] = dict(document)
        return cls(**values | {"parts": tuple(map(str, values["parts"]))})


@dataclass(frozen=True, eq=False, slots=True)
class Exported:
    """tables: the rows of each part, to be taken once, part by part."""

    task: Task
    export: Export
    tables: Mapping[str, Iterator[Table]]


class ExportData:
    """The rows that an outside training may see: of the parts that train and stop, never those that are held out, so
    that what comes back is judged by rows that it has not seen. A row keeps its part in every later version; where rows
    are parted by time, the newest are held out of each."""

    def __init__(self, tasks: TaskCatalog, store: FeatureStore) -> None:
        self._tasks, self._store = tasks, store

    def execute(self, task_name: str, parts: Sequence[str] = tuple(PARTS), version: int | None = None) -> Exported:
        """version: the newest, if None. Raises: UnknownTask, UnknownDatasetVersion, InvalidInput for another part."""
        if odd := [part for part in parts if part not in PARTS] or ([] if parts else ["none"]):
            problem = f"{odd[0]} is not given away; known are {', '.join(PARTS)}"
            raise InvalidInput(f"parts: {problem}", [Fault("parts", problem)])
        task, chosen = self._tasks.get(task_name), find_version(self._store, task_name, version)
        export = Export(task.name, chosen.version, chosen.fingerprint, tuple(dict.fromkeys(parts)))
        return Exported(task, export, {part: self._rows(task, chosen.version, PARTS[part]) for part in export.parts})

    def _rows(self, task: Task, version: int, part: int) -> Iterator[Table]:
        for table, parts in parted(self._store, task, version):
            chosen = table.take(parts == part)
            if chosen.n_rows:
                yield chosen
