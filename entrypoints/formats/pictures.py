"""Pictures and videos: single ones or archives of them in, pictures and videos out."""
from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import BinaryIO

import msgspec

from application.pictures.frame_rows import FrameRows, frame_rows
from application.pictures.picture_rows import BrokenRows, PictureRows
from application.ports.picture_archive import (
    ArchivedFile,
    ArchivedPicture,
    ArchivedVideo,
    ArchiveLimits,
    BrokenFile,
    PictureArchive,
)
from application.ports.picture_codec import PictureCodec, PictureLimits
from application.ports.serving_models import ServedModel
from application.ports.video_codec import VideoCodec, VideoContainer, VideoLimits
from application.use_cases.answer_rows import Answering
from application.use_cases.infer_picture_task import InferPictureTask
from domain.errors import Fault, InvalidInput
from domain.exchange import Part
from domain.kinds.kind import Kind
from domain.picture import drawn_mask
from domain.rows import Rows
from domain.schema_inference import InferredTask
from domain.table import Table
from domain.task import Task
from entrypoints.formats.drawing import Draughtsman, Drawing
from entrypoints.formats.files import written_whole
from entrypoints.formats.formats import FileRows, Formats, Stored, TaskWish
from entrypoints.formats.forms import AnswerForm, Body, BodyFile, FileForm
from entrypoints.formats.picture_wish import PictureWish, check_not_labelled, read_wish

SUMMARY = "summary.csv"
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
    archive_limits: ArchiveLimits
    pictures: PictureCodec
    picture_limits: PictureLimits
    videos: Callable[[], VideoCodec]
    video_limits: VideoLimits

    def of_archive(self, task: Task, file: BinaryIO, labelled: bool) -> Iterator[Rows]:
        """Raises: InvalidInput, TooLarge."""
        for found in self.archive.read(file, labelled, self.archive_limits):
            if isinstance(found, BrokenFile):
                yield BrokenRows(found.name, found.problem)
            elif isinstance(found, ArchivedVideo):
                yield from frame_rows(task, found.video, self.videos(), self.video_limits)
            else:
                assert isinstance(found, ArchivedPicture), "outlines come drawn"
                yield PictureRows(task, found, self.pictures, self.picture_limits)

    def of_picture(self, task: Task, name: str, content: bytes) -> PictureRows:
        return PictureRows(task, ArchivedPicture(ArchivedFile(name, content), None), self.pictures, self.picture_limits)

    def of_video(self, task: Task, name: str, content: bytes) -> Iterator[FrameRows | BrokenRows]:
        """name: with the suffix of a video. Raises: TooLarge."""
        return frame_rows(task, ArchivedFile(name, content), self.videos(), self.video_limits)


class Pictures(Formats):
    kind, media_type, noun = Kind.IMAGE, "application/zip", "pictures and videos"
    needs = ("name",)

    def __init__(self, reader: PictureReader, infer_task: InferPictureTask) -> None:
        self._reader, self._infer_task = reader, infer_task
        self._draughtsman = Draughtsman(reader.pictures, reader.videos)

    def rows(self, task: Task, file: BinaryIO, labelled: bool, charset: str | None = None) -> FileRows:
        passed_over = self._reader.archive.passed_over(file, labelled, self._reader.archive_limits)
        return FileRows(self._reader.of_archive(task, file, labelled), passed_over=passed_over)

    def forms(self, headers: Mapping[str, str], labelled: bool) -> Sequence[AnswerForm]:
        wish = read_wish(headers)
        if labelled:
            check_not_labelled(wish)
        return JsonItems(self._draughtsman, wish), self.file_form(wish)

    def file_form(self, wish: PictureWish, suffix: str = "") -> FileForm:
        return ZippedItems(self._draughtsman, self._reader.archive, wish)

    def picture(self, task: Task, name: str, content: bytes) -> Rows:
        return self._reader.of_picture(task, name, content)

    def single(self, task: Task, part: Part, wishes: Sequence[PictureWish]) -> dict[str, object]:
        answers = [self._draughtsman.picture(task, part, wish).as_fields() for wish in wishes]
        if len(wishes) == 1:
            return answers[0]
        images = {wish.output: found["image"] for wish, found in zip(wishes, answers, strict=True)}
        return {"images": images} | answers[0]

    def forward_file(self, answering: Answering, task: Task, name: str, content: bytes, wish: PictureWish,
                     output: Path | None) -> dict[str, object]:
        output = _checked_output(task.name, name, output)
        rows = (self._reader.of_video(task, name, content) if is_video(name)
                else [self._reader.of_picture(task, name, content)])
        exchange = answering.execute(task.name, rows)
        (_, drawing), = self._draughtsman.drawings(task, exchange.parts, wish)
        with written_whole(output) as written:
            written.write(drawing.content)
        frames = {} if drawing.frames is None else {"frames": drawing.frames}
        return {"experiment_id": exchange.served.experiment_id, "output": str(output), "width": drawing.width,
                "height": drawing.height, "summary": dict(drawing.summary), **frames}

    def infer(self, wish: TaskWish, file: BinaryIO, charset: str | None = None
              ) -> tuple[Task, InferredTask | None]:
        faults = [] if wish.name else [Fault("name", "is missing")]
        faults += [Fault(name, "is for tables; the masks are the target of pictures")
                   for name in ("problem", "split_by") if getattr(wish, name)]
        if faults:
            raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
        found = self._reader.archive.read(file, True, self._reader.archive_limits)
        return self._infer_task.execute(wish.name or "", found), None

    def stored(self, task: Task, tables: Iterable[Table], form: str) -> Stored:
        if form not in ("zip", "csv", self.media_type):  # csv: what is meant where nothing was said
            raise InvalidInput(f"pictures can be had as zip, not {form}")
        if private := [column.name for column in task.schema.stored if column.private]:
            raise InvalidInput(f"column {private[0]} is private: its pictures are not given back")
        files = (file for row, table in enumerate(_single(tables), 1)
                 for file in self._pictures_and_masks(task, table, row))
        return Stored("zip", self.media_type, self._reader.archive.write(files))

    def leave(self, task: Task, table: Table, path: Path) -> None:
        files = list(self._pictures_and_masks(task, table))
        path.with_suffix(".zip").write_bytes(b"".join(self._reader.archive.write(iter(files))))
        path.with_name(PICTURE).write_bytes(files[0].content)

    def curl_arguments(self, task: Task, row: Table, folder: Path) -> str:
        return f"-H 'X-Output: overlay' -F 'image=@{folder / PICTURE}'"

    def _pictures_and_masks(self, task: Task, table: Table, first_row: int = 1) -> Iterator[ArchivedFile]:
        codec, picture, mask = self._reader.pictures, task.schema.features[0], task.schema.target
        for row, (pixels, positions) in enumerate(zip(table[picture.name], table[mask.name], strict=True), first_row):
            content = codec.write(pixels[:, :, 0] if picture.channels == 1 else pixels)
            yield ArchivedFile(f"images/{row:03}.png", content)
            yield ArchivedFile(f"masks/{row:03}.png", codec.write(drawn_mask(mask, len(task.labels), positions)))


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


class JsonItems(AnswerForm):
    """A list with an object for each picture and video."""

    media_type = "application/json"

    def __init__(self, draughtsman: Draughtsman, wish: PictureWish) -> None:
        self._draughtsman, self._wish = draughtsman, wish

    def collect(self, served: ServedModel, parts: Iterable[Part]) -> Body:
        count = 0
        with BodyFile() as written:
            for name, drawing in self._draughtsman.drawings(served.task, parts, self._wish):
                item = msgspec.json.encode({"name": name} | drawing.as_fields())
                written.file.write((b"," if count else b"") + item)
                count += 1
            return Body(count, lambda head: _around(msgspec.json.encode(head)[:-1] + b',"items":[', written, b"]}"),
                        written.kept())


def _around(before: bytes, file: BodyFile, after: bytes) -> Iterator[bytes]:
    yield before
    yield from file.pieces()
    yield after


class ZippedItems(FileForm):
    """The answers as files, and summary.csv."""

    media_type = "application/zip"

    def __init__(self, draughtsman: Draughtsman, archive: PictureArchive, wish: PictureWish) -> None:
        self._draughtsman, self._archive, self._wish = draughtsman, archive, wish

    def stream(self, served: ServedModel, parts: Iterable[Part]) -> Iterator[bytes]:
        return self._archive.write(self._files(self._draughtsman.drawings(served.task, parts, self._wish)))

    def _files(self, answers: Iterable[tuple[str, Drawing]]) -> Iterator[ArchivedFile]:
        """One for each answer, made while they are taken, and the shares of the classes as the last one."""
        rows = []
        for name, answer in answers:
            self.count += 1
            rows.append({"name": name, "media_type": answer.media_type} | dict(answer.summary))
            yield ArchivedFile(answer.file_name(name), answer.content)
        yield ArchivedFile(SUMMARY, _table(rows))


def _table(rows: Sequence[Mapping[str, object]]) -> bytes:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]) if rows else ["name"], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode()
