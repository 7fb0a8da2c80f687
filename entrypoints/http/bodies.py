"""Request bodies, inflated where they are packed, read within their limits."""
from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from application.ports.csv_codec import Readable
from domain.errors import Fault, InvalidInput, TooLarge
from entrypoints.formats.packing import PACKINGS, Inflated
from entrypoints.http.taking import Taking

# Below this a file stays in memory.
SPOOL_BYTES = 1 << 20
MAX_PACKINGS = 2
_OTHER_NAMES = {"x-gzip": "gzip"}


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def charset(request: Request) -> str | None:
    """What Content-Type says of it."""
    return charset_of_type(request.headers.get("content-type", ""))


def charset_of_type(content_type: str) -> str | None:
    """Of a value of the header Content-Type."""
    return parameter_of_type(content_type, "charset")


def parameter_of_type(content_type: str, wanted: str) -> str | None:
    """wanted: its name, in lower case."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == wanted:
            return value.strip().strip('"') or None
    return None


async def pieces(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body as it arrives, without the packing that Content-Encoding names.

    Raises: TooLarge as soon as it is known to be, whatever Content-Length promised; InvalidInput for a packing that is
    not known, or broken.
    """
    packings = _packings(request)
    if not packings:
        async for piece in _arriving(request, max_bytes):
            yield piece
        return
    async with spooled(_arriving(request, max_bytes)) as packed:
        stream: Readable = packed
        for packing in reversed(packings):
            stream = Inflated(stream, packing, max_bytes)
        while piece := await run_in_threadpool(stream.read, SPOOL_BYTES):
            yield piece


def _packings(request: Request) -> list[str]:
    """In the order in which they were applied. Raises: InvalidInput."""
    said = ",".join(request.headers.getlist("content-encoding")).lower().split(",")
    named = [_OTHER_NAMES.get(name, name) for name in map(str.strip, said) if name not in ("", "identity")]
    if unknown := next((name for name in named if name not in PACKINGS), None):
        raise InvalidInput(f"Content-Encoding: {unknown} is not known; known are {', '.join(PACKINGS)}",
                           [Fault("Content-Encoding", f"{unknown} is not known; known are {', '.join(PACKINGS)}")])
    if len(named) > MAX_PACKINGS:
        raise InvalidInput(f"Content-Encoding names {len(named)} packings; {MAX_PACKINGS} are allowed")
    return named


@asynccontextmanager
async def spooled(arriving: AsyncIterator[bytes]) -> AsyncIterator[BinaryIO]:
    """All of it in a file, at its start, closed at the end of the block."""
    file = await spool(arriving)
    try:
        yield file
    finally:
        file.close()


async def spool(arriving: AsyncIterator[bytes]) -> BinaryIO:
    """As `spooled`; the caller closes it."""
    # Of files of bytes the standard library has two types.
    file = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES))
    try:
        buffered = bytearray()
        async for piece in arriving:
            buffered += piece
            if len(buffered) >= SPOOL_BYTES:
                await run_in_threadpool(file.write, bytes(buffered))
                buffered.clear()
        await run_in_threadpool(file.write, bytes(buffered))
        file.seek(0)
        return file
    except BaseException:
        file.close()
        raise


async def _arriving(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise TooLarge(f"the body has {declared} bytes; {max_bytes} are allowed")
    received, taking = 0, Taking(request)
    async for piece in request.stream():
        received += len(piece)
        if received > max_bytes:
            raise TooLarge(f"the body has more than the {max_bytes} bytes allowed")
        await taking.up_to(min(received, SPOOL_BYTES))  # of what is spooled; whoever keeps more takes more
        yield piece


async def read_limited(request: Request, max_bytes: int) -> bytes:
    """The whole body. Raises: TooLarge, Busy."""
    taking = Taking(request)
    await taking.foretold(max_bytes)
    held, held_bytes = list[bytes](), 0
    async for piece in pieces(request, max_bytes):
        held_bytes += len(piece)
        await taking.up_to(held_bytes)
        held.append(piece)
    return b"".join(held)


async def read_json(request: Request, max_bytes: int) -> bytes:
    """Raises: InvalidInput if the body says it is something else, TooLarge."""
    kind = media_type(request)
    if kind not in ("", "application/json") and not kind.endswith("+json"):
        raise InvalidInput(f"expected Content-Type: application/json, got {kind}")
    return await read_limited(request, max_bytes)
