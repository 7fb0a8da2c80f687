"""The first stage: a pinned dataset version as files."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from application.ports.feature_store import FeatureStore, UnknownDatasetVersion
from application.ports.table_files import TableFiles
from application.queries.parted import parted
from domain.dataset import DatasetVersion
from domain.errors import Conflict, InvalidInput
from domain.splitting import too_few
from domain.task import Task

PARTS = ("train", "valid", "test")


class OtherData(Conflict):
    """The store's version of that number holds other rows than the ones that were pinned."""

    code = "other_data"


@dataclass(frozen=True, slots=True)
class Extracted:
    version: DatasetVersion
    rows: dict[str, int]


class ExtractData:
    """Writes the rows of one dataset version as three files, train, valid and test, by the task's rule of splitting."""

    def __init__(self, store: FeatureStore, files: TableFiles) -> None:
        self._store, self._files = store, files

    def execute(self, task: Task, version: int, folder: Path, fingerprint: str | None = None) -> Extracted:
        """fingerprint: what the version must hold, if it is pinned.

        Raises: UnknownDatasetVersion, OtherData, InvalidInput if one of the parts would have no rows.
        """
        pinned = self._pinned(task, version, fingerprint)
        rows = dict.fromkeys(PARTS, 0)
        with (self._files.create(folder / "train.parquet", task.schema.stored) as train,
              self._files.create(folder / "valid.parquet", task.schema.stored) as valid,
              self._files.create(folder / "test.parquet", task.schema.stored) as test):
            for table, parts in parted(self._store, task, version):
                for number, sink in enumerate((train, valid, test)):
                    chosen = table.take(parts == number)
                    sink.write(chosen)
                    rows[PARTS[number]] += chosen.n_rows
        if 0 in rows.values():
            raise InvalidInput(too_few(sum(rows.values()), rows))
        return Extracted(pinned, rows)

    def _pinned(self, task: Task, version: int, fingerprint: str | None) -> DatasetVersion:
        found = {entry.version: entry for entry in self._store.versions(task.name)}.get(version)
        if found is None:
            raise UnknownDatasetVersion(f"the task {task.name} has no dataset version {version}")
        if fingerprint is not None and found.fingerprint != fingerprint:
            raise OtherData(f"dataset version {version} of {task.name} holds other rows than the pinned ones: "
                            f"fingerprint {found.fingerprint}, pinned {fingerprint}")
        return found
