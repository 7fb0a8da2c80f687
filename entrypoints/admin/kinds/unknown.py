"""A kind of task that is not known here: the API serves it, and what is the same for all kinds is shown."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import FormData

from entrypoints.admin.api.tasks import TaskDocument
from entrypoints.admin.kept_files import Note
from entrypoints.admin.kinds import Context, KindPages

if TYPE_CHECKING:
    from entrypoints.admin.page import Page


class Unknown(KindPages):
    try_template = batch_template = data_template = preview_template = "no_pages.html"
    accept, media_type, result_name = "", "application/octet-stream", "answers"

    async def try_it(self, page: Page, task: TaskDocument) -> Context:
        return {}

    async def tried(self, page: Page, task: TaskDocument, form: FormData) -> Context:
        return {}

    def is_labelled(self, task: TaskDocument, path: Path) -> bool:
        return False

    def preview(self, page: Page, task: TaskDocument, path: Path, note: Note) -> Context:
        return {}

    async def data(self, page: Page, task: TaskDocument, version: int | None) -> Context:
        return {}
