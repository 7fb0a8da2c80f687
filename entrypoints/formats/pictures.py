"""Pictures and videos: single ones or archives of them in, pictures and videos out."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import BinaryIO

from application.pictures.frame_rows import FrameRows, frame_rows
from application.pictures.picture_rows import BrokenRows, PictureRows
from application.ports.class_archive import FOLDERS, LABELS, ClassArchive
from application.ports.picture_archive import (
    ArchivedFile,
    ArchivedPicture,
    ArchivedVideo,
    ArchiveLimits,
    BrokenFile,
    PictureArchive,
)
from application.ports.picture_codec import PictureCodec, PictureLimits
from application.ports.video_codec import VideoCodec, VideoContainer, VideoLimits
from application.use_cases.answer_rows import Answering, Exchange
from application.use_cases.infer_class_task import InferClassTask
from application.use_cases.infer_picture_task import InferPictureTask
from domain.errors import Fault, InvalidInput
from domain.exchange import Part
from domain.kinds.kind import Kind, Problem
from domain.picture import drawn_mask
from domain.picture_answer import Output
from domain.rows import Rows
from domain.schema_inference import InferredTask
from domain.table import Table
from domain.task import Task
from entrypoints.formats.class_answers import Classifier
from entrypoints.formats.drawing import Draughtsman
from entrypoints.formats.files import written_whole
from entrypoints.formats.formats import FileRows, Formats, Stored, TaskWish
from entrypoints.formats.forms import AnswerForm, FileForm
from entrypoints.formats.picture_forms import ClassTable, JsonItems, ZippedClasses, ZippedItems, csv_of
from entrypoints.formats.picture_wish import PictureWish, check_fits, check_not_labelled, read_wish

# The first of the demo's later pictures, beside the zip of them all.
PICTURE = "picture.png"


def is_video(name: str) -> bool:
    """By its suffix."""
    return PurePosixPath(name).suffix.lower().removeprefix(".") in list(VideoContainer)


@dataclass(frozen=True, slots=True)
class PictureReader:
    """Files as rows, one at a time: of a picture, or of a frame of a video.

    videos: gives the codec once a video comes, as nobody else needs its library.
    """

    archive: PictureArchive
    classes: ClassArchive
    archive_limits: ArchiveLimits
    pictures: PictureCodec
    picture_limits: PictureLimits
    videos: Callable[[], VideoCodec]
    video_limits: VideoLimits

    def of_archive(self, task: Task, file: BinaryIO, labelled: bool) -> Iterator[Rows]:
        """Raises: InvalidInput, TooLarge."""
        for found in self._of(task).read(file, labelled, self.archive_limits):
            if isinstance(found, BrokenFile):
                yield BrokenRows(found.name, found.problem)
            elif isinstance(found, ArchivedVideo):
                yield from frame_rows(task, found.video, self.videos(), self.video_limits)
            else:
                assert isinstance(found, ArchivedPicture), "outlines come drawn"
                yield PictureRows(task, found, self.pictures, self.picture_limits)

    def passed_over(self, task: Task, file: BinaryIO, labelled: bool) -> list[str]:
        """Raises: InvalidInput, TooLarge."""
        return self._of(task).passed_over(file, labelled, self.archive_limits)

    def _of(self, task: Task) -> PictureArchive | ClassArchive:
        return self.archive if has_masks(task) else self.classes

    def of_picture(self, task: Task, name: str, content: bytes) -> PictureRows:
        return PictureRows(task, ArchivedPicture(ArchivedFile(name, content), None), self.pictures, self.picture_limits)

    def of_video(self, task: Task, name: str, content: bytes) -> Iterator[FrameRows | BrokenRows]:
        """name: with the suffix of a video. Raises: TooLarge."""
        return frame_rows(task, ArchivedFile(name, content), self.videos(), self.video_limits)


def has_masks(task: Task) -> bool:
    """Else each picture has a class."""
    return task.schema.target.rules.from_files


class Pictures(Formats):
    kind, media_type, noun = Kind.IMAGE, "application/zip", "pictures and videos"
    needs = ("name",)

    def __init__(self, reader: PictureReader, infer_task: InferPictureTask, infer_classes: InferClassTask) -> None:
        self._reader, self._infer_task, self._infer_classes = reader, infer_task, infer_classes
        self._draughtsman, self._classifier = Draughtsman(reader.pictures, reader.videos), Classifier(reader.pictures)

    def rows(self, task: Task, file: BinaryIO, labelled: bool, charset: str | None = None) -> FileRows:
        passed_over = self._reader.passed_over(task, file, labelled)
        return FileRows(self._reader.of_archive(task, file, labelled), passed_over=passed_over)

    def forms(self, task: Task, headers: Mapping[str, str], labelled: bool) -> Sequence[AnswerForm]:
        wish = read_wish(headers)
        if labelled:
            check_not_labelled(wish)
        check_fits(task, wish)
        if has_masks(task):
            return JsonItems(self._draughtsman.drawings, wish), self.file_form(task, wish)
        return (JsonItems(self._classifier.answers, wish), ClassTable(self._classifier, wish),
                self.file_form(task, wish))

    def file_form(self, task: Task, wish: PictureWish, suffix: str = "") -> FileForm:
        check_fits(task, wish)
        if has_masks(task):
            return ZippedItems(self._draughtsman, self._reader.archive, wish)
        if suffix.lower() == ".csv":
            return ClassTable(self._classifier, wish)
        return ZippedClasses(self._classifier, self._reader.archive, wish)

    def picture(self, task: Task, name: str, content: bytes) -> Rows:
        return self._reader.of_picture(task, name, content)

    def single(self, task: Task, part: Part, wishes: Sequence[PictureWish]) -> dict[str, object]:
        if not has_masks(task):
            return self._classifier.picture(task, part, wishes[0]).as_fields()
        answers = [self._draughtsman.picture(task, part, wish).as_fields() for wish in wishes]
        if len(wishes) == 1:
            return answers[0]
        images = {wish.output or Output.MASK: found["image"] for wish, found in zip(wishes, answers, strict=True)}
        return {"images": images} | answers[0]

    def forward_file(self, answering: Answering, task: Task, name: str, content: bytes, wish: PictureWish,
                     output: Path | None) -> dict[str, object]:
        check_fits(task, wish)
        rows = (self._reader.of_video(task, name, content) if is_video(name)
                else [self._reader.of_picture(task, name, content)])
        if not has_masks(task):
            return self._classified(answering.execute(task.name, rows), wish, output)
        output = _checked_output(task.name, name, output)
        exchange = answering.execute(task.name, rows)
        (_, drawing), = self._draughtsman.drawings(task, exchange.parts, wish)
        with written_whole(output) as written:
            written.write(drawing.content)
        frames = {} if drawing.frames is None else {"frames": drawing.frames}
        return {"experiment_id": exchange.served.experiment_id, "output": str(output), "width": drawing.width,
                "height": drawing.height, "summary": dict(drawing.summary), **frames}

    def _classified(self, exchange: Exchange, wish: PictureWish, output: Path | None) -> dict[str, object]:
        (_, answer), = self._classifier.answers(exchange.served.task, exchange.parts, wish)
        if answer.image is None or output is None:
            return {"experiment_id": exchange.served.experiment_id} | answer.as_fields()
        with written_whole(output) as written:
            written.write(answer.image)
        return {"experiment_id": exchange.served.experiment_id} | answer.as_fields() | {"image": str(output)}

    def infer(self, wish: TaskWish, file: BinaryIO, charset: str | None = None
              ) -> tuple[Task, InferredTask | None]:
        _check(wish)
        limits, name = self._reader.archive_limits, wish.name or ""
        told_by = self._reader.classes.told_by(file, limits)
        if wish.problem == Problem.SEGMENTATION or (told_by is None and wish.problem is None):
            return self._infer_task.execute(name, self._reader.archive.read(file, True, limits)), None
        found = self._reader.classes.read(file, True, limits)
        task = self._infer_classes.execute(name, found, _IN_WORDS.get(told_by or FOLDERS, told_by or ""))
        if wish.problem not in (None, task.problem):
            problem = f"has {len(task.labels)} classes, which is no {wish.problem} problem"
            raise InvalidInput(f"the zip file {problem}", [Fault("problem", problem)])
        return task, None

    def stored(self, task: Task, tables: Iterable[Table], form: str) -> Stored:
        if form not in ("zip", "csv", "text/csv", self.media_type):  # csv: what is meant where nothing was said
            raise InvalidInput(f"pictures can be had as zip, not {form}")
        if private := [column.name for column in task.schema.stored if column.private]:
            raise InvalidInput(f"column {private[0]} is private: its pictures are not given back")
        files = (file for row, table in enumerate(_single(tables), 1)
                 for file in self._files(task, table, row)) if has_masks(task) else self._labelled(task, tables)
        return Stored("zip", self.media_type, self._reader.archive.write(files))

    def leave(self, task: Task, table: Table, path: Path) -> None:
        files = list(self._files(task, table) if has_masks(task) else self._labelled(task, [table]))
        path.with_suffix(".zip").write_bytes(b"".join(self._reader.archive.write(iter(files))))
        path.with_name(PICTURE).write_bytes(files[0].content)

    def curl_arguments(self, task: Task, row: Table, folder: Path) -> str:
        output = Output.OVERLAY if has_masks(task) else Output.HEATMAP
        return f"-H 'X-Output: {output}' -F 'image=@{folder / PICTURE}'"

    def _labelled(self, task: Task, tables: Iterable[Table]) -> Iterator[ArchivedFile]:
        """Pictures, and the table of their labels as the last file."""
        picture, target, rows = task.schema.features[0].name, task.schema.target.name, []
        for row, table in enumerate(_single(tables), 1):
            name = f"images/{row:06}.png"
            rows.append({"name": name, "label": table[target][0]})
            yield ArchivedFile(name, self._reader.pictures.write(table[picture][0]))
        yield ArchivedFile(LABELS, csv_of(rows))

    def _files(self, task: Task, table: Table, first_row: int = 1) -> Iterator[ArchivedFile]:
        codec, picture, mask = self._reader.pictures, task.schema.features[0], task.schema.target
        for row, (pixels, positions) in enumerate(zip(table[picture.name], table[mask.name], strict=True), first_row):
            content = codec.write(pixels[:, :, 0] if picture.channels == 1 else pixels)
            yield ArchivedFile(f"images/{row:03}.png", content)
            yield ArchivedFile(f"masks/{row:03}.png", codec.write(drawn_mask(mask, len(task.labels), positions)))


# As the description of the target says it.
_IN_WORDS = {FOLDERS: "the names of folders"}


def _check(wish: TaskWish) -> None:
    """Raises: InvalidInput."""
    faults = [] if wish.name else [Fault("name", "is missing")]
    if wish.split_by:
        faults.append(Fault("split_by", "is for tables; pictures are parted one by one"))
    if wish.problem not in (None, Problem.BINARY, Problem.MULTICLASS, Problem.SEGMENTATION):
        faults.append(Fault("problem", "of pictures is binary, multiclass or segmentation"))
    if faults:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)


def _single(tables: Iterable[Table]) -> Iterator[Table]:
    """Row by row."""
    for table in tables:
        yield from table.chunks(1)


def _checked_output(task: str, name: str, output: Path | None) -> Path:
    """Raises: InvalidInput."""
    suffix = PurePath(name).suffix if is_video(name) else ".png"
    if output is None:
        raise InvalidInput(f"the task {task} answers pictures by pictures, videos by videos: say -o FILE{suffix}")
    if is_video(name) and output.suffix.lower() != suffix.lower():
        raise InvalidInput(f"a video is answered by a video of the same kind: say -o FILE{suffix}; for a picture of "
                           "each frame put it into a zip for forward-batch --frames")
    return output
