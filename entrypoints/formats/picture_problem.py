"""What is different about pictures by what is told of them: a mask, or a class."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO, ClassVar, Protocol

from application.ports.class_archive import Classified
from application.ports.picture_archive import Archived, ArchivedFile, ArchiveLimits
from application.ports.video_codec import VideoContainer
from application.use_cases.answer_rows import Exchange
from domain.exchange import Part
from domain.kinds.kind import Problem
from domain.picture_answer import Output
from domain.table import Table
from domain.task import Task
from entrypoints.formats.forms import AnswerForm, FileForm
from entrypoints.formats.picture_wish import PictureWish

Fields = dict[str, object]


class Archives(Protocol):
    """Of pictures with what is told of them, as ports/picture_archive.py and ports/class_archive.py say it."""

    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits) -> Iterator[Archived | Classified]: ...

    def passed_over(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits) -> list[str]: ...


class PictureProblem(ABC):
    """A further one is one more module with a subclass, and its entry in the wiring.

    problems: of the tasks that it is for. output: what a person looks at first.
    """

    problems: ClassVar[Sequence[Problem]]
    output: ClassVar[Output]
    archive: Archives

    @abstractmethod
    def check(self, task: Task, wish: PictureWish) -> None:
        """Raises: InvalidInput for what the answers of the task cannot look like."""

    @abstractmethod
    def forms(self, wish: PictureWish) -> Sequence[AnswerForm]:
        """As `Formats.forms`, but for the file."""

    @abstractmethod
    def file_form(self, wish: PictureWish, suffix: str) -> FileForm:
        """As `Formats.file_form`."""

    @abstractmethod
    def single(self, task: Task, part: Part, wishes: Sequence[PictureWish]) -> Fields:
        """As `Formats.single`."""

    @abstractmethod
    def check_output(self, task: Task, name: str, output: Path | None) -> None:
        """Whether the answer to the picture or video `name` can be left in this file. Raises: InvalidInput."""

    @abstractmethod
    def left(self, exchange: Exchange, wish: PictureWish, output: Path | None) -> Fields:
        """The answer to one picture or video; a picture of it is left in the file `output`. Raises: as taking the
        parts does."""

    @abstractmethod
    def recognises(self, file: BinaryIO, limits: ArchiveLimits) -> bool:
        """Whether the pictures of a file of which nothing was said look like those of such a task. Raises:
        InvalidInput, TooLarge for what is no archive."""

    @abstractmethod
    def infer(self, name: str, file: BinaryIO, limits: ArchiveLimits) -> Task:
        """The task that the file would make. Raises: InvalidInput, TooLarge."""

    @abstractmethod
    def files(self, task: Task, tables: Iterable[Table]) -> Iterator[ArchivedFile]:
        """Rows of the task's stored columns as what `archive` reads, the first picture first."""


def by_problem(*each: PictureProblem) -> Mapping[Problem, PictureProblem]:
    return {problem: one for one in each for problem in one.problems}


def rows_of(tables: Iterable[Table]) -> Iterator[tuple[int, Table]]:
    """Row by row, from 1."""
    return enumerate((row for table in tables for row in table.chunks(1)), 1)


def is_video(name: str) -> bool:
    """By its suffix."""
    return PurePosixPath(name).suffix.lower().removeprefix(".") in list(VideoContainer)
