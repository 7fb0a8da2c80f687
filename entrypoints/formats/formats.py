"""What a kind of task takes as bytes, and in which forms it gives its answers."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

from application.use_cases.answer_rows import Answering
from domain.exchange import Part
from domain.kinds.kind import Kind
from domain.rows import Rows
from domain.schema_inference import InferredTask
from domain.table import Table
from domain.task import Task
from entrypoints.formats.forms import AnswerForm, FileForm
from entrypoints.formats.picture_wish import PictureWish


@dataclass(frozen=True, slots=True)
class TaskWish:
    """What the owner of a file says of the task that it is to make; texts as they were typed, None where nothing was
    said."""

    name: str | None
    target: str | None = None
    problem: str | None = None
    split_by: str | None = None


class Formats(ABC):
    """One for each kind: a new kind is one more module with a subclass, and its entry in the wiring.

    media_type: of a file of many rows that comes as the raw body. noun: what such a file is full of, in the plural.
    needs: what has to be said of a file that is to make a task, fields of TaskWish.
    """

    kind: ClassVar[Kind]
    media_type: ClassVar[str]
    noun: ClassVar[str]
    needs: ClassVar[Sequence[str]]

    @abstractmethod
    def rows(self, task: Task, file: BinaryIO, labelled: bool) -> Iterator[Rows]:
        """Of a file, from its start. Raises: InvalidInput, TooLarge, at once or while they are taken."""

    def passed_over(self, file: BinaryIO, labelled: bool) -> Sequence[str]:
        """The names of the files that `rows` with the same arguments leaves out of an archive. Raises: as `rows`."""
        return ()

    @abstractmethod
    def forms(self, headers: Mapping[str, str], labelled: bool) -> Sequence[AnswerForm]:
        """In which the answers to many rows can be had, the usual one first. Raises: InvalidInput for headers that ask
        for what cannot be."""

    @abstractmethod
    def file_form(self, wish: PictureWish) -> FileForm:
        """The form that is a file of its own."""

    @abstractmethod
    def picture(self, task: Task, name: str, content: bytes) -> Rows:
        """A single picture as rows. Raises: InvalidInput for a task that takes none."""

    @abstractmethod
    def single(self, task: Task, part: Part, wishes: Sequence[PictureWish]) -> dict[str, object]:
        """The answer to a single row, as fields of a JSON object."""

    @abstractmethod
    def forward_file(self, answering: Answering, task: Task, name: str, content: bytes, wish: PictureWish,
                     output: Path | None) -> dict[str, object]:
        """A file with a single thing to be answered, as a command is given it; what is no text goes to `output`.

        Returns: fields of a JSON object. Raises: InvalidInput, TooLarge, and what the use case does.
        """

    @abstractmethod
    def infer(self, wish: TaskWish, file: BinaryIO) -> tuple[Task, InferredTask | None]:
        """The task that the file would make. Raises: InvalidInput, TooLarge."""

    @abstractmethod
    def leave(self, task: Task, table: Table, path: Path) -> None:
        """Rows of the task's stored columns as a file that `rows` reads; path: without a suffix."""

    @abstractmethod
    def curl_arguments(self, task: Task, row: Table, folder: Path) -> str:
        """What makes `curl .../forward` ask for an answer. row: the first of the data; folder: where `leave` left
        some."""
