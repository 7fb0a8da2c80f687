"""The one file of a form, on disk for as long as it is needed."""
from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from entrypoints.admin.api.tasks import TaskDocument
from entrypoints.admin.backend import ApiProblem
from entrypoints.admin.kept_files import Note
from entrypoints.admin.page import Page


@dataclass
class Kept:
    """keep: set, the file outlives the block."""

    token: str
    path: Path
    name: str
    keep: bool = False


@asynccontextmanager
async def kept_file(page: Page, form: FormData) -> AsyncIterator[Kept]:
    """Raises: ApiProblem if the form has no file."""
    upload = await taken(page, form)
    with let_go(page, upload):
        yield upload


async def taken(page: Page, form: FormData) -> Kept:
    """The file on disk, whatever becomes of the form. Raises: ApiProblem if the form has none."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not (file.filename or file.size):
        raise ApiProblem(400, "bad request", page.language("No file was chosen."))
    token, path = page.kept_files.new()
    upload = Kept(token, path, file.filename or "")
    try:
        with path.open("wb") as kept:
            await run_in_threadpool(shutil.copyfileobj, file.file, kept)
    except BaseException:
        page.kept_files.remove(token)
        raise
    return upload


@contextmanager
def let_go(page: Page, upload: Kept) -> Iterator[None]:
    """At the end of the block, unless it is to be kept."""
    try:
        yield
    finally:
        if not upload.keep:
            page.kept_files.remove(upload.token)


async def keep(page: Page, task: TaskDocument, content: BinaryIO, name: str) -> tuple[str, Path, str]:
    """A file that may be sent again by a later form. Returns: (token, file, name)."""
    token, path = page.kept_files.new()
    with path.open("wb") as kept:
        await run_in_threadpool(shutil.copyfileobj, content, kept)
    page.kept_files.note(token, Note(task["name"], name))
    return token, path, name
