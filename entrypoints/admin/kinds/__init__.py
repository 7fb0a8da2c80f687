"""What the pages do differently for each kind of task. A new kind is one more module here, named as the kind, with its
templates and an entry in the registry."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from starlette.datastructures import FormData

from entrypoints.admin import words
from entrypoints.admin.api.datasets import CountedBody
from entrypoints.admin.api.tasks import TaskDocument
from entrypoints.admin.backend import Param
from entrypoints.admin.kept_files import Note
from entrypoints.admin.language import Language

if TYPE_CHECKING:
    from entrypoints.admin.page import Page

# What a template is given beside what every page has.
Context = dict[str, Any]
_UNKNOWN = "unknown"
# Kind -> the class of its pages, in the module here that is named so.
REGISTRY = {"tabular": "Tabular", "image": "Image", "image_classes": "ImageClasses", _UNKNOWN: "Unknown"}
# Where a problem has pages of its own.
_OF_PROBLEM = {("image", "binary"): "image_classes", ("image", "multiclass"): "image_classes"}


class KindPages(Protocol):
    """try_template, batch_template, data_template: what is shown, each with the context that the method of its name
    gives. accept: of the file inputs. media_type: of the files as they go to the API. result_name: of the file to save.
    check_params: for the API, when a file is looked through. What is not abstract is so for most kinds.
    """

    try_template: str
    batch_template: str
    data_template: str
    preview_template: str
    accept: str
    media_type: str
    result_name: str
    check_params: Mapping[str, Param] = {}

    @abstractmethod
    async def try_it(self, page: Page, task: TaskDocument) -> Context:
        """Before anything was sent."""

    @abstractmethod
    async def tried(self, page: Page, task: TaskDocument, form: FormData) -> Context:
        """The answer of one request, or the faults beside what was typed."""

    @abstractmethod
    def is_labelled(self, task: TaskDocument, path: Path) -> bool:
        """Whether a file could be evaluated, not only answered."""

    @abstractmethod
    def preview(self, page: Page, task: TaskDocument, path: Path, note: Note) -> Context:
        """The first of a file, for the eyes."""

    @abstractmethod
    async def data(self, page: Page, task: TaskDocument, version: int | None) -> Context:
        """What the data of a version look like, beside the list of versions."""

    def batch_headers(self, form: FormData) -> Mapping[str, str]:
        """What a form says of how the answers to a whole file are to be."""
        return {}

    def piece(self, path: Path, name: str) -> tuple[bytes, str] | None:
        """(content, media type) of a part of a kept file, for the eyes; None if there is no such part."""
        return None

    def label_shares(self, counted: CountedBody) -> Mapping[str, float]:
        """How much of the data is of each label; {} where there are none."""
        return counted["labels"] or {}

    def has_numbers(self, task: TaskDocument) -> bool:
        """Whether its answers are numbers, which are hardly ever right to the digit."""
        return task["problem"] == "regression"

    def problem_word(self, _: Language, problem: str) -> str:
        return words.problem_word(_, problem)

    def labels_come_late(self) -> bool:
        """Whether answers can be told their true label afterwards."""
        return True

    def unmeasured(self, _: Language) -> str:
        """Why there is no live quality."""
        return _("Not known yet: it is measured once labels arrive for rows that were answered.")


def of(task: TaskDocument) -> KindPages:
    """Of a kind that is not in the registry: pages that say so."""
    kind = _OF_PROBLEM.get((task["kind"], task["problem"]), task["kind"])
    kind = kind if kind in REGISTRY else _UNKNOWN
    found: type[KindPages] = getattr(import_module(f"{__name__}.{kind}"), REGISTRY[kind])
    return found()
