"""Where labelled data live."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from domain.dataset import Appended, DatasetVersion
from domain.errors import NotFound
from domain.table import Table
from domain.task import Task


class UnknownDatasetVersion(NotFound):
    code = "unknown_dataset_version"


class FeatureStore(Protocol):
    """Dataset versions of coerced rows. Thread-safe: yes; processes may share one store."""

    @abstractmethod
    def append(self, task: Task, tables: Iterable[Table]) -> Appended:
        """The rows of all tables as one batch, all or nothing; it makes the next dataset version.

        tables: the task's stored columns (`task.schema.stored`), in chunks that may be made while they are read.
        Further columns are not kept, but tell batches apart: rows of other ids are other rows.
        A batch of the same content (TableDigest, or one of its other names) adds nothing and answers with the version
        that it once made.
        Whatever `tables` raises comes out as it is and nothing is added.
        Raises: InvalidInput if there are no rows; Conflict if a sweep took the batch, which had not grown for an hour.
        """

    @abstractmethod
    def digest(self, task: Task, tables: Iterable[Table]) -> str:
        """The `digest` of the version that `append` would make of these tables; nothing is kept. Whatever `tables`
        raises comes out as it is."""

    @abstractmethod
    def read(self, task: Task, version: int, chunk_rows: int = 65_536,
             columns: Sequence[str] | None = None, after: int = 0) -> Iterator[Table]:
        """The rows of a version in the order in which they came, the same for ever; float64, str and pixels as they
        went in. They are the caller's own.

        columns: the stored ones that are wanted, one at least; all if left out. after: an earlier version, whose rows
        are left out. Raises: UnknownDatasetVersion, before the first row.
        """

    @abstractmethod
    def versions(self, task_name: str) -> Sequence[DatasetVersion]:
        """All versions of a task, oldest first; empty for a task without data."""

    @abstractmethod
    def sweep(self) -> int:
        """Removes what writers left that died in the middle of an append, if nothing was added to it for an hour: so
        long a writer may pause. Returns: of how many appends something was left."""
