"""What a kind of task takes as bytes, and in which forms it gives its answers."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, ClassVar

from application.use_cases.answer_rows import Answering
from domain.exchange import Part
from domain.kinds.kind import Kind
from domain.rows import Rows
from domain.schema_inference import ColumnFacts, InferredTask
from domain.table import Table
from domain.task import Task
from entrypoints.formats.forms import AnswerForm, FileForm
from entrypoints.formats.picture_wish import PictureWish
from entrypoints.formats.table_format import FileFacts


@dataclass(frozen=True, slots=True)
class FileRows:
    """The rows of a file, to be taken once.

    read: what was found out of it; None where there is nothing to tell. passed_over: columns that are answers of a
    model, and files of an archive that are nothing of what is looked for: no part of the rows. unknown: columns that
    the task does not know.
    """

    rows: Iterator[Rows]
    read: FileFacts | None = None
    passed_over: Sequence[str] = ()
    unknown: Sequence[str] = ()

    def tolerant(self) -> FileRows:
        """The same rows, in which columns that the task does not know are no fault."""
        return replace(self, rows=(rows.tolerant() for rows in self.rows))

    def __iter__(self) -> Iterator[Rows]:
        return self.rows


NO_FILE = FileRows(iter(()))


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows as a file. suffix: of its name, without the dot."""

    suffix: str
    media_type: str
    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class TaskWish:
    """What the owner of a file says of the task that it is to make; texts as they were typed, None where nothing was
    said."""

    name: str | None
    target: str | None = None
    problem: str | None = None
    split_by: str | None = None
    split_by_time: str | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file holds, before anything is said of the task that it is to make. rows: None where nobody has counted
    them. read: as of FileRows."""

    rows: int | None = None
    columns: Sequence[ColumnFacts] = ()
    read: FileFacts | None = None


class Formats(ABC):
    """One for each kind: a new kind is one more module with a subclass, and its entry in the wiring.

    media_type, further_types: of files of many rows that come as the raw body. noun: what such a file is full of, in
    the plural.
    needs: what has to be said of a file that is to make a task, fields of TaskWish.
    """

    kind: ClassVar[Kind]
    media_type: ClassVar[str]
    further_types: ClassVar[Sequence[str]] = ()
    noun: ClassVar[str]
    needs: ClassVar[Sequence[str]]

    @abstractmethod
    def rows(self, task: Task, file: BinaryIO, labelled: bool, charset: str | None = None) -> FileRows:
        """Of a file, from its start. charset: what was said of it, for texts.

        Raises: InvalidInput, TooLarge, at once or while they are taken.
        """

    @abstractmethod
    def forms(self, task: Task, headers: Mapping[str, str], labelled: bool) -> Sequence[AnswerForm]:
        """In which the answers to many rows can be had, the usual one first. Raises: InvalidInput for headers that ask
        for what cannot be."""

    @abstractmethod
    def file_form(self, task: Task, wish: PictureWish, suffix: str = "") -> FileForm:
        """The form that is a file of its own. suffix: of its name, where that tells. Raises: InvalidInput for a wish
        that the answers of the task cannot fulfil."""

    @abstractmethod
    def check(self, task: Task, wish: PictureWish) -> None:
        """Raises: InvalidInput for a wish that the answers of the task cannot fulfil."""

    @abstractmethod
    def picture(self, task: Task, name: str, content: bytes) -> Rows:
        """A single picture as rows. Raises: InvalidInput for a task that takes none."""

    @abstractmethod
    def single(self, task: Task, part: Part, wishes: Sequence[PictureWish]) -> dict[str, object]:
        """The answer to a single row, as fields of a JSON object."""

    @abstractmethod
    def forward_file(self, answering: Answering, task: Task, name: str, content: bytes, wish: PictureWish,
                     output: Path | None, ignores: bool = False) -> dict[str, object]:
        """A file with a single thing to be answered, or an array of rows, as a command is given it; what is no text
        goes to `output`. ignores: columns that the task does not know are no fault.

        Returns: fields of a JSON object. Raises: InvalidInput, TooLarge, and what the use case does.
        """

    @abstractmethod
    def infer(self, wish: TaskWish, file: BinaryIO, charset: str | None = None
              ) -> tuple[Task, InferredTask | None]:
        """The task that the file would make, and what is told of its columns. charset: as above.

        Raises: InvalidInput, TooLarge.
        """

    def look(self, file: BinaryIO, charset: str | None = None) -> Looked:
        """What there is to choose from, if anything has to be chosen. charset: as above.

        Raises: InvalidInput, TooLarge.
        """
        return Looked()

    @abstractmethod
    def stored(self, task: Task, tables: Iterable[Table], form: str) -> Stored:
        """Rows of the task's stored columns as a file that `rows` reads; tables: taken while the pieces are. form: a
        name or a media type; of pictures the one there is. Raises: InvalidInput for another."""

    @abstractmethod
    def leave(self, task: Task, table: Table, path: Path) -> None:
        """Rows of the task's stored columns as a file that `rows` reads; path: without a suffix."""

    @abstractmethod
    def curl_arguments(self, task: Task, row: Table, folder: Path) -> str:
        """What makes `curl .../forward` ask for an answer. row: the first of the data; folder: where `leave` left
        some."""
