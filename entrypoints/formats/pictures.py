"""Pictures and videos: single ones or archives of them in, pictures and videos out."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from application.pictures.frame_rows import FrameRows, frame_rows
from application.pictures.picture_rows import BrokenRows, PictureRows
from application.ports.class_archive import Classified
from application.ports.picture_archive import (
    Archived,
    ArchivedFile,
    ArchivedPicture,
    ArchivedVideo,
    ArchiveLimits,
    BrokenFile,
    PictureArchive,
)
from application.ports.picture_codec import PictureCodec, PictureLimits
from application.ports.video_codec import VideoCodec, VideoLimits
from application.serving.wanted import while_wanted
from application.use_cases.answer_rows import Answering
from domain.errors import Fault, InvalidInput
from domain.exchange import Part
from domain.kinds.kind import Kind, Problem
from domain.rows import Rows
from domain.schema_inference import InferredTask
from domain.table import Table
from domain.task import Task
from entrypoints.formats.formats import FileRows, Formats, Stored, TaskWish
from entrypoints.formats.forms import AnswerForm, FileForm
from entrypoints.formats.picture_problem import PictureProblem, is_video
from entrypoints.formats.picture_wish import PictureWish, check_not_labelled, read_wish

# The first of the demo's later pictures, beside the zip of them all.
PICTURE = "picture.png"


@dataclass(frozen=True, slots=True)
class PictureReader:
    """Files as rows, one at a time: of a picture, or of a frame of a video.

    videos: gives the codec once a video comes, as nobody else needs its library.
    """

    archive_limits: ArchiveLimits
    pictures: PictureCodec
    picture_limits: PictureLimits
    videos: Callable[[], VideoCodec]
    video_limits: VideoLimits

    def of_archive(self, task: Task, found: Iterable[Archived | Classified]) -> Iterator[Rows]:
        """found: as an archive gives it. Raises: InvalidInput, TooLarge."""
        for one in while_wanted(found):
            if isinstance(one, BrokenFile):
                yield BrokenRows(one.name, one.problem)
            elif isinstance(one, ArchivedVideo):
                yield from frame_rows(task, one.video, self.videos(), self.video_limits)
            else:
                assert isinstance(one, ArchivedPicture), "outlines come drawn"
                yield PictureRows(task, one, self.pictures, self.picture_limits)

    def of_picture(self, task: Task, name: str, content: bytes) -> PictureRows:
        return PictureRows(task, ArchivedPicture(ArchivedFile(name, content), None), self.pictures, self.picture_limits)

    def of_video(self, task: Task, name: str, content: bytes) -> Iterator[FrameRows | BrokenRows]:
        """name: with the suffix of a video. Raises: TooLarge."""
        return frame_rows(task, ArchivedFile(name, content), self.videos(), self.video_limits)


class Pictures(Formats):
    """problems: those that recognise few files before those that recognise many. zips: what the files of any of them
    are put into."""

    kind, media_type, noun = Kind.IMAGE, "application/zip", "pictures and videos"
    needs = ("name",)

    def __init__(self, reader: PictureReader, problems: Mapping[Problem, PictureProblem], zips: PictureArchive) -> None:
        self._reader, self._problems, self._zips = reader, problems, zips

    def _of(self, task: Task) -> PictureProblem:
        return self._problems[task.problem]

    def rows(self, task: Task, file: BinaryIO, labelled: bool, charset: str | None = None) -> FileRows:
        archive, limits = self._of(task).archive, self._reader.archive_limits
        passed_over = archive.passed_over(file, labelled, limits)
        return FileRows(self._reader.of_archive(task, archive.read(file, labelled, limits)), passed_over=passed_over)

    def forms(self, task: Task, headers: Mapping[str, str], labelled: bool) -> Sequence[AnswerForm]:
        wish = read_wish(headers)
        if labelled:
            check_not_labelled(wish)
        return *self._of(task).forms(wish), self.file_form(task, wish)

    def file_form(self, task: Task, wish: PictureWish, suffix: str = "") -> FileForm:
        self.check(task, wish)
        return self._of(task).file_form(wish, suffix)

    def check(self, task: Task, wish: PictureWish) -> None:
        self._of(task).check(task, wish)

    def picture(self, task: Task, name: str, content: bytes) -> Rows:
        return self._reader.of_picture(task, name, content)

    def single(self, task: Task, part: Part, wishes: Sequence[PictureWish]) -> dict[str, object]:
        return self._of(task).single(task, part, wishes)

    def forward_file(self, answering: Answering, task: Task, name: str, content: bytes, wish: PictureWish,
                     output: Path | None, ignores: bool = False) -> dict[str, object]:
        self.check(task, wish)
        self._of(task).check_output(task, name, output)
        rows = (self._reader.of_video(task, name, content) if is_video(name)
                else [self._reader.of_picture(task, name, content)])
        exchange = answering.execute(task.name, rows)
        return {"experiment_id": exchange.served.experiment_id} | self._of(task).left(exchange, wish, output)

    def infer(self, wish: TaskWish, file: BinaryIO, charset: str | None = None
              ) -> tuple[Task, InferredTask | None]:
        self._check(wish)
        task = self._meant(wish, file).infer(wish.name or "", file, self._reader.archive_limits)
        if wish.problem not in (None, task.problem):
            problem = f"has {len(task.labels)} classes, which is no {wish.problem} problem"
            raise InvalidInput(f"the zip file {problem}", [Fault("problem", problem)])
        return task, None

    def _check(self, wish: TaskWish) -> None:
        """Raises: InvalidInput."""
        faults = [] if wish.name else [Fault("name", "is missing")]
        faults += [Fault(name, "is for tables; pictures are parted one by one")
                   for name in ("split_by", "split_by_time") if getattr(wish, name)]
        if wish.problem not in (None, *self._problems):
            *others, last = self._problems
            faults.append(Fault("problem", f"of pictures is {', '.join(others)} or {last}"))
        if faults:
            raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)

    def _meant(self, wish: TaskWish, file: BinaryIO) -> PictureProblem:
        """Raises: InvalidInput, TooLarge."""
        if wish.problem is not None:
            return self._problems[Problem(wish.problem)]
        return next(one for one in self._problems.values() if one.recognises(file, self._reader.archive_limits))

    def stored(self, task: Task, tables: Iterable[Table], form: str) -> Stored:
        if form not in ("zip", "csv", "text/csv", self.media_type):  # csv: what is meant where nothing was said
            problem = f"can be had as zip, not {form}"
            raise InvalidInput(f"pictures {problem}", [Fault("format", problem)])
        if private := [column.name for column in task.schema.stored if column.private]:
            raise InvalidInput(f"column {private[0]} is private: its pictures are not given back")
        return Stored("zip", self.media_type, self._zips.write(self._of(task).files(task, tables)))

    def leave(self, task: Task, table: Table, path: Path) -> None:
        files = list(self._of(task).files(task, [table]))
        path.with_suffix(".zip").write_bytes(b"".join(self._zips.write(iter(files))))
        path.with_name(PICTURE).write_bytes(files[0].content)

    def curl_arguments(self, task: Task, row: Table, folder: Path) -> str:
        return f"-H 'X-Output: {self._of(task).output}' -F 'image=@{folder / PICTURE}'"
