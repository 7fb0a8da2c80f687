"""Files that come with a request: as a multipart field or as the raw body, spooled to disk while they arrive."""
from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from domain.cells import in_words
from domain.errors import Fault, InvalidInput
from entrypoints.http.bodies import charset, charset_of_type, media_type, pieces, spool
from entrypoints.http.taking import Taking

MAX_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Upload:
    """file: at its start; whoever takes it closes it. fields: the other fields of a form, empty for a raw body.
    charset: what is said of the file."""

    file: BinaryIO
    name: str
    media_type: str
    fields: Mapping[str, str]
    charset: str | None = None


@asynccontextmanager
async def upload(request: Request, max_bytes: int, raw_types: Collection[str],
                 field: str = "file") -> AsyncIterator[Upload]:
    """The one file of a request, closed at the end of the block.

    raw_types: media types that are taken as the raw body. Raises: InvalidInput, TooLarge.
    """
    received = await receive(request, max_bytes, raw_types, field)
    try:
        yield received
    finally:
        received.file.close()


async def receive(request: Request, max_bytes: int, raw_types: Collection[str], field: str = "file") -> Upload:
    """As `upload`, for an answer that reads the file after the route has returned; the caller closes it."""
    kind = media_type(request)
    if kind == "multipart/form-data":
        return await _form(request, max_bytes, field)
    if kind in raw_types:
        return Upload(await spool(pieces(request, max_bytes)), "", kind, {}, charset(request))
    raise InvalidInput(f"expected multipart/form-data with a file in the field {field}, or {' or '.join(raw_types)}; "
                       f"got {kind or 'no Content-Type'}")


class _WholeForm(MultiPartParser):
    """Knows whether the form came to its end: one that was cut off is no failure to its base class."""

    ended = False
    field_bytes = 0

    def on_end(self) -> None:
        self.ended = True

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        super().on_part_data(data, start, end)
        if self._current_part.file is None:
            self.field_bytes += end - start

    def close(self) -> None:
        """Also the file that was cut off, which is in no field yet."""
        for file in self._files_to_close_on_error:
            file.close()


async def _form(request: Request, max_bytes: int, field: str) -> Upload:
    form = await _parsed(request, max_bytes, max_files=1)
    file = form.get(field)
    if not isinstance(file, UploadFile):
        await form.close()
        raise InvalidInput(f"the form has no file in the field {field}")
    return _upload(file, _texts(form))


@asynccontextmanager
async def uploads(request: Request, max_bytes: int, names: Collection[str]
                  ) -> AsyncIterator[tuple[Mapping[str, Upload], Mapping[str, str]]]:
    """The files of a form by their field, and its other fields; closed at the end of the block.

    names: of the fields that may hold a file. Raises: InvalidInput, TooLarge.
    """
    if media_type(request) != "multipart/form-data":
        raise InvalidInput(f"expected multipart/form-data, got {media_type(request) or 'no Content-Type'}")
    form = await _parsed(request, max_bytes, max_files=len(names))
    try:
        found = [(name, item) for name, item in form.multi_items() if isinstance(item, UploadFile)]
        counted = Counter(name for name, _ in form.multi_items())
        if faults := [Fault(name, "is there more than once") for name, times in counted.items() if times > 1] + [
                Fault(name, f"is no file of this form; known are {', '.join(names)}") for name, _ in found
                if name not in names]:
            raise InvalidInput(f"the form cannot be used: {in_words(faults)}", faults)
        yield {name: _upload(file, {}) for name, file in found}, _texts(form)
    finally:
        await form.close()


async def _parsed(request: Request, max_bytes: int, max_files: int) -> FormData:
    async def counted() -> AsyncGenerator[bytes, None]:
        taking = Taking(request)
        async for piece in pieces(request, max_bytes):
            yield piece
            # As bytes, and as the text that they are.
            await taking.up_to(2 * parser.field_bytes)

    parser = _WholeForm(request.headers, counted(), max_files=max_files, max_fields=MAX_FIELDS)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as failure:
        raise InvalidInput(f"the form cannot be read: {getattr(failure, 'message', failure)}") from failure
    if not parser.ended:
        parser.close()
        raise InvalidInput("the form cannot be read: it ends before its last boundary")
    return form


def _upload(file: UploadFile, fields: Mapping[str, str]) -> Upload:
    said = file.content_type or ""
    return Upload(file.file, file.filename or "", said.partition(";")[0].lower(), fields, charset_of_type(said))


def _texts(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}
