"""Pictures of which each is of a class, which are answered by classes."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from application.ports.class_archive import FOLDERS, LABELS, ClassArchive
from application.ports.picture_archive import ArchivedFile, ArchiveLimits, PictureArchive
from application.use_cases.answer_rows import Exchange
from application.use_cases.infer_class_task import InferClassTask
from domain.exchange import Part
from domain.kinds.kind import Problem
from domain.picture_answer import Output
from domain.table import Table
from domain.task import Task
from entrypoints.formats.class_answers import Classifier
from entrypoints.formats.files import written_whole
from entrypoints.formats.forms import AnswerForm, FileForm
from entrypoints.formats.picture_forms import ClassTable, JsonItems, ZippedClasses, csv_of
from entrypoints.formats.picture_problem import Fields, PictureProblem, rows_of
from entrypoints.formats.picture_wish import PictureWish, wrong

# As the description of the target says it.
_IN_WORDS = {FOLDERS: "the names of folders"}


class PictureClasses(PictureProblem):
    """zips: what answers that are pictures are put into."""

    problems, output = (Problem.BINARY, Problem.MULTICLASS), Output.HEATMAP

    def __init__(self, archive: ClassArchive, zips: PictureArchive, classifier: Classifier,
                 infer_task: InferClassTask) -> None:
        self.archive: ClassArchive = archive
        self._zips, self._classifier, self._infer_task = zips, classifier, infer_task

    def check(self, task: Task, wish: PictureWish) -> None:
        if wish.output not in (None, Output.HEATMAP):
            raise wrong("X-Output", f"is heatmap or left out: the task {task.name} answers by a class, not by a mask")
        if wish.threshold is not None:
            raise wrong("X-Threshold", f"is for masks; the task {task.name} answers by a class")

    def forms(self, wish: PictureWish) -> Sequence[AnswerForm]:
        return JsonItems(self._classifier.answers, wish), ClassTable(self._classifier, wish)

    def file_form(self, wish: PictureWish, suffix: str) -> FileForm:
        if suffix.lower() == ".csv":
            return ClassTable(self._classifier, wish)
        return ZippedClasses(self._classifier, self._zips, wish)

    def single(self, task: Task, part: Part, wishes: Sequence[PictureWish]) -> Fields:
        return self._classifier.picture(task, part, wishes[0]).as_fields()

    def check_output(self, task: Task, name: str, output: Path | None) -> None:
        """Its answers are fields, wherever else a heatmap may go."""

    def left(self, exchange: Exchange, wish: PictureWish, output: Path | None) -> Fields:
        (_, answer), = self._classifier.answers(exchange.served.task, exchange.parts, wish)
        if answer.image is None or output is None:
            return answer.as_fields()
        with written_whole(output) as written:
            written.write(answer.image)
        return answer.as_fields() | {"image": str(output)}

    def recognises(self, file: BinaryIO, limits: ArchiveLimits) -> bool:
        return self.archive.told_by(file, limits) is not None

    def infer(self, name: str, file: BinaryIO, limits: ArchiveLimits) -> Task:
        told_by = self.archive.told_by(file, limits) or FOLDERS
        return self._infer_task.execute(name, self.archive.read(file, True, limits), _IN_WORDS.get(told_by, told_by))

    def files(self, task: Task, tables: Iterable[Table]) -> Iterator[ArchivedFile]:
        """The table of the labels is the last one."""
        picture, target, labels = task.schema.features[0].name, task.schema.target.name, []
        for row, table in rows_of(tables):
            name = f"images/{row:06}.png"
            labels.append({"name": name, "label": table[target][0]})
            yield ArchivedFile(name, self._classifier.pictures.write(table[picture][0]))
        yield ArchivedFile(LABELS, csv_of(labels))
