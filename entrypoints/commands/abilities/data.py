from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from entrypoints.answers.datasets import CheckedAnswer, ColumnsAnswer, Drawn, PicturesAnswer, SampleAnswer
from entrypoints.answers.labels import LabelsAnswer
from entrypoints.answers.versions import AddedAnswer, DatasetAnswer, UndoneAnswer
from entrypoints.commands.abilities.sent import Sent


class Data(Protocol):
    """version: of the dataset; the newest, if None."""

    @abstractmethod
    def add_data(self, task: str, file: Sent) -> AddedAnswer: ...

    @abstractmethod
    def check_data(self, task: str, file: Sent) -> CheckedAnswer: ...

    @abstractmethod
    def add_labels(self, task: str, file: Sent) -> LabelsAnswer: ...

    @abstractmethod
    def undo_data(self, task: str, version: int | None) -> UndoneAnswer:
        """version: only if this is the newest one; whichever is, if None."""

    @abstractmethod
    def dataset(self, task: str) -> DatasetAnswer: ...

    @abstractmethod
    def columns(self, task: str, version: int | None) -> ColumnsAnswer: ...

    @abstractmethod
    def sample(self, task: str, version: int | None, rows: int) -> SampleAnswer: ...

    @abstractmethod
    def pictures(self, task: str, version: int | None, limit: int, before: int | None, label: str | None
                 ) -> PicturesAnswer:
        """before: only rows above this one. label: only pictures of this class."""

    @abstractmethod
    def write_picture(self, task: str, digest: str, draw: Drawn | None, max_px: int | None, output: BinaryIO) -> None:
        """As it is stored, or drawn for eyes."""

    @abstractmethod
    def write_rows(self, task: str, version: int | None, form: str | None, output: BinaryIO) -> None:
        """form: csv, parquet, arrow; of pictures zip. The usual one, if None."""

    @abstractmethod
    def export_data(self, task: str, parts: Sequence[str], version: int | None, folder: Path) -> dict[str, Any]:
        """Returns: what `export.json` says, and the rows of each part."""
