"""Bytes that were packed on their way, inflated within a limit."""
from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import BinaryIO, cast

from application.ports.csv_codec import Readable
from domain.errors import Fault, InvalidInput, TooLarge

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# By the bytes that a packed file begins with.
MAGIC: Mapping[bytes, str] = MappingProxyType({b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"})
_PIECE_BYTES = 1 << 16
# A frame of zstd may ask for a window of gigabytes; what `zstd` itself unpacks unasked is 128 MB.
_WINDOW_LOG = 27


class Inflated:
    """What comes out of a packed stream.

    Raises: TooLarge as soon as it is more than max_bytes, InvalidInput if it breaks off or is damaged.
    """

    def __init__(self, stream: Readable, packing: str, max_bytes: int) -> None:
        """packing: one of PACKINGS."""
        self._packing, self._max_bytes, self._count = packing, max_bytes, 0
        self._open: Callable[[], Readable] = lambda: PACKINGS[packing](stream)
        self._stream: Readable | None = None

    def read(self, size: int = -1, /) -> bytes:
        """-1: all of it."""
        if size < 0:
            return b"".join(iter(lambda: self.read(_PIECE_BYTES), b""))
        try:
            self._stream = self._stream or self._open()
            piece = self._stream.read(size)
        except (OSError, EOFError, zlib.error, zstd.ZstdError) as failure:
            problem = f"is {self._packing} that breaks off or is damaged: {failure}"
            raise InvalidInput(f"the file {problem}", [Fault("file", problem)]) from failure
        self._count += len(piece)
        if self._count > self._max_bytes:
            raise TooLarge(f"the {self._packing} unpacks to more than the {self._max_bytes} bytes allowed")
        return piece


def packing_of(start: bytes) -> str | None:
    """None for what begins like nothing that is packed."""
    return next((packing for magic, packing in MAGIC.items() if start.startswith(magic)), None)


def _gzip(stream: Readable) -> Readable:
    # The stubs ask for more than it reads with; so below.
    return gzip.GzipFile(fileobj=cast(BinaryIO, stream), mode="rb")


def _zstd(stream: Readable) -> Readable:
    return zstd.ZstdFile(
        cast(BinaryIO, stream), options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG})


class _Deflate:
    """With the head of zlib, as RFC 9110 asks, or without, as some send it."""

    def __init__(self, stream: Readable) -> None:
        self._stream, self._ready = stream, stream.read(2)
        has_head = len(self._ready) == 2 and self._ready[0] & 15 == 8 and int.from_bytes(self._ready, "big") % 31 == 0
        self._unpack = zlib.decompressobj(zlib.MAX_WBITS if has_head else -zlib.MAX_WBITS)

    def read(self, size: int, /) -> bytes:
        while not self._unpack.eof:
            if piece := self._unpack.decompress(self._ready, size):
                self._ready = self._unpack.unconsumed_tail
                return piece
            self._ready = self._unpack.unconsumed_tail or self._stream.read(_PIECE_BYTES)
            if not self._ready:
                raise EOFError("it ends before its last block")
        return b""


PACKINGS: Mapping[str, Callable[[Readable], Readable]] = MappingProxyType(
    {"gzip": _gzip, "deflate": _Deflate, "zstd": _zstd})
