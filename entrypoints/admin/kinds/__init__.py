"""What the pages do differently for each kind of task. A new kind is one more module here with its templates."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from starlette.datastructures import FormData

from entrypoints.admin.api import TaskDocument
from entrypoints.admin.backend import Param
from entrypoints.admin.kept_files import Note

if TYPE_CHECKING:
    from entrypoints.admin.page import Page

# What a template is given beside what every page has.
Context = dict[str, Any]


class KindPages(Protocol):
    """try_template, batch_template, data_template: what is shown, each with the context that the method of its name
    gives. accept: of the file inputs. media_type: of the files as they go to the API. result_name: of the file to save.
    check_params: for the API, when a file is looked through.
    """

    try_template: str
    batch_template: str
    data_template: str
    preview_template: str
    accept: str
    media_type: str
    result_name: str
    check_params: Mapping[str, Param]

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
    def batch_headers(self, form: FormData) -> Mapping[str, str]:
        """What a form says of how the answers to a whole file are to be."""

    @abstractmethod
    def preview(self, page: Page, task: TaskDocument, path: Path, note: Note) -> Context:
        """The first of a file, for the eyes."""

    @abstractmethod
    def piece(self, path: Path, name: str) -> tuple[bytes, str] | None:
        """(content, media type) of a part of a kept file, for the eyes; None if there is no such part."""

    @abstractmethod
    async def data(self, page: Page, task: TaskDocument, version: int | None) -> Context:
        """What the data of a version look like, beside the list of versions."""


def of(task: TaskDocument) -> KindPages | None:
    from entrypoints.admin.kinds.image import Image
    from entrypoints.admin.kinds.tabular import Tabular
    return {"tabular": Tabular, "image": Image}.get(task["kind"], lambda: None)()
