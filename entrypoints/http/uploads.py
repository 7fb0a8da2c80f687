"""Files that come with a request: as a multipart field or as the raw body, spooled to disk while they arrive."""
from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from domain.errors import InvalidInput
from entrypoints.http.bodies import charset, charset_of_type, media_type, pieces, spool

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

    def on_end(self) -> None:
        self.ended = True

    def close(self) -> None:
        """Also the file that was cut off, which is in no field yet."""
        for file in self._files_to_close_on_error:
            file.close()


async def _form(request: Request, max_bytes: int, field: str) -> Upload:
    parser = _WholeForm(request.headers, pieces(request, max_bytes), max_files=1, max_fields=MAX_FIELDS)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as failure:
        raise InvalidInput(f"the form cannot be read: {getattr(failure, 'message', failure)}") from failure
    if not parser.ended:
        parser.close()
        raise InvalidInput("the form cannot be read: it ends before its last boundary")
    file = form.get(field)
    if not isinstance(file, UploadFile):
        await form.close()
        raise InvalidInput(f"the form has no file in the field {field}")
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    said = file.content_type or ""
    return Upload(file.file, file.filename or "", said.partition(";")[0].lower(), fields, charset_of_type(said))
