"""Pictures with masks, which are answered by masks."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import BinaryIO

import msgspec

from application.ports.picture_archive import ArchivedFile, ArchiveLimits, PictureArchive
from application.use_cases.answer_rows import Exchange
from application.use_cases.infer_picture_task import InferPictureTask
from domain.errors import InvalidInput
from domain.exchange import Part
from domain.kinds.kind import Problem
from domain.picture import drawn_mask
from domain.picture_answer import Output
from domain.table import Table
from domain.task import Task
from entrypoints.formats.drawing import Draughtsman
from entrypoints.formats.files import written_whole
from entrypoints.formats.picture_forms import JsonItems, ZippedItems
from entrypoints.formats.picture_problem import Fields, PictureProblem, is_video, rows_of
from entrypoints.formats.picture_wish import PictureWish, wrong

_OUTPUTS = [output for output in Output if output is not Output.HEATMAP]


class Segmentation(PictureProblem):
    problems, output = (Problem.SEGMENTATION,), Output.OVERLAY

    def __init__(self, archive: PictureArchive, draughtsman: Draughtsman, infer_task: InferPictureTask) -> None:
        self.archive: PictureArchive = archive
        self._draughtsman, self._infer_task = draughtsman, infer_task

    def check(self, task: Task, wish: PictureWish) -> None:
        if wish.output is Output.HEATMAP:
            raise wrong("X-Output", f"is heatmap for pictures by class alone; the task {task.name} answers by "
                        f"{', '.join(_OUTPUTS)}")

    def forms(self, wish: PictureWish) -> Sequence[JsonItems]:
        return [JsonItems(self._draughtsman.drawings, wish)]

    def file_form(self, wish: PictureWish, suffix: str) -> ZippedItems:
        return ZippedItems(self._draughtsman, self.archive, wish)

    def single(self, task: Task, part: Part, wishes: Sequence[PictureWish]) -> Fields:
        answers = [self._draughtsman.picture(task, part, wish).as_fields() for wish in wishes]
        if len(wishes) == 1:
            return answers[0]
        images = {wish.output or Output.MASK: found["image"] for wish, found in zip(wishes, answers, strict=True)}
        return {"images": images} | answers[0]

    def check_output(self, task: Task, name: str, output: Path | None) -> None:
        suffix = PurePath(name).suffix if is_video(name) else ".png"
        if output is None:
            raise InvalidInput(f"the task {task.name} answers pictures by pictures, videos by videos: "
                               f"say -o FILE{suffix}")
        if is_video(name) and output.suffix.lower() != suffix.lower():
            raise InvalidInput(f"a video is answered by a video of the same kind: say -o FILE{suffix}; for a picture "
                               "of each frame put it into a zip for forward-batch --frames")

    def left(self, exchange: Exchange, wish: PictureWish, output: Path | None) -> Fields:
        assert output is not None, "check_output was asked"
        (_, drawing), = self._draughtsman.drawings(exchange.served.task, exchange.parts, wish)
        with written_whole(output) as written:
            written.write(drawing.content)
        more: Fields = ({"parts": msgspec.to_builtins(drawing.parts)} if drawing.frames is None
                        else {"frames": drawing.frames})
        return {"output": str(output), "width": drawing.width, "height": drawing.height,
                "summary": dict(drawing.summary), **more}

    def recognises(self, file: BinaryIO, limits: ArchiveLimits) -> bool:
        return True  # what is wrong with it is told in the words of masks

    def infer(self, name: str, file: BinaryIO, limits: ArchiveLimits) -> Task:
        return self._infer_task.execute(name, self.archive.read(file, True, limits))

    def files(self, task: Task, tables: Iterable[Table]) -> Iterator[ArchivedFile]:
        codec, picture, mask = self._draughtsman.pictures, task.schema.features[0], task.schema.target
        for row, table in rows_of(tables):
            pixels, positions = table[picture.name][0], table[mask.name][0]
            content = codec.write(pixels[:, :, 0] if picture.channels == 1 else pixels)
            yield ArchivedFile(f"images/{row:03}.png", content)
            yield ArchivedFile(f"masks/{row:03}.png", codec.write(drawn_mask(mask, len(task.labels), positions)))
