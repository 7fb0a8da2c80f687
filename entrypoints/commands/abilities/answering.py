from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import BinaryIO, Protocol

from entrypoints.answers.batches import FileAnswer
from entrypoints.answers.models import ModelCardAnswer
from entrypoints.commands.abilities.sent import Sent
from entrypoints.formats.picture_wish import PictureWish


class Answering(Protocol):
    """ignores: columns that the task does not know are no fault, and the answer names them. explains: with what each
    column of a row has to do with its answer. suffix: of the name that the answers are to have; it chooses their form.
    A fault that is found late leaves answers before it in `output`."""

    @abstractmethod
    def forward(self, task: str, name: str, content: bytes, wish: PictureWish, output: Path | None, ignores: bool,
                explains: bool) -> dict[str, object]:
        """content: one row as JSON or an array of some, one picture, or one video; name: of its file, `-` if it has
        none. What is no text of the answer goes to `output`."""

    @abstractmethod
    def forward_batch(self, task: str, file: Sent, wish: PictureWish, suffix: str, output: BinaryIO, ignores: bool,
                      explains: bool) -> FileAnswer: ...

    @abstractmethod
    def evaluate(self, task: str, file: Sent, suffix: str, output: BinaryIO | None, ignores: bool, explains: bool
                 ) -> FileAnswer:
        """output: None where the metrics will do."""

    @abstractmethod
    def metadata(self, task: str | None) -> ModelCardAnswer: ...
