"""A table that a task begins with, beside a model that was made elsewhere."""
from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.errors import Fault, InvalidInput
from domain.kinds.kind import Kind
from domain.task import Task
from entrypoints.formats.detecting import Detector
from entrypoints.formats.formats import FileRows, Formats, TaskWish
from entrypoints.formats.import_forms import SentFile

DATA = "data"
FIELDS = ("target", "problem", "split_by", "split_by_time", "positive")


class Beginning:
    """Takes from what was sent that which makes the task, and leaves the rest for the import."""

    def __init__(self, formats: Mapping[Kind, Formats], detector: Detector) -> None:
        self._formats, self._detector = formats, detector

    def read(self, name: str, sent: SentFile, fields: Mapping[str, str], dry: bool
             ) -> tuple[Task, Callable[[], FileRows]]:
        """fields: of FIELDS. Returns: the task, and what gives all its rows from the first one each time. Raises:
        InvalidInput."""
        if dry:
            raise InvalidInput("a task that begins with its model cannot be tried without making it: look at the table "
                               "by a dry run of its task, then at the model by one of its import", [
                                   Fault("dry", "is for a task that is there")])
        said = {field: fields.get(field) or None for field in FIELDS}
        positive = said.pop("positive")
        kind = self._detector.kind_of(sent.file)
        task, _ = self._formats[kind].infer(TaskWish(name, **said), sent.file, sent.charset)
        task = task.with_positive(positive) if positive else task
        return task, lambda: self._formats[kind].rows(task, sent.file, True, sent.charset)
