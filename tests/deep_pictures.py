"""Files of 16 bits for each colour, byte by byte: Pillow cannot write them."""
from __future__ import annotations

import struct
import zlib

import numpy as np


def png(width: int, height: int, depth: int, colour: int, pixels: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def png_16(pixels: np.ndarray) -> bytes:
    """Without filters: each row as it is."""
    height, width, channels = pixels.shape
    rows = np.insert(pixels.astype(">u2").view(np.uint8).reshape(height, -1), 0, 0, axis=1)
    return png(width, height, 16, {2: 4, 3: 2, 4: 6}[channels], rows.tobytes())


def tiff_16(pixels: np.ndarray, order: str, packed: bool = False, planes: int = 1, orientation: int = 1,
            extra: int = 2) -> bytes:
    """One strip. order: < or >. packed: by Deflate."""
    height, width, channels = pixels.shape
    strip = pixels.astype(f"{order}u2").tobytes()
    strip = zlib.compress(strip) if packed else strip
    after = 8 + len(strip)
    tags = [(256, 3, [width]), (257, 3, [height]), (258, 3, [16] * channels), (259, 3, [8 if packed else 1]),
            (262, 3, [2]), (273, 4, [8]), (274, 3, [orientation]), (277, 3, [channels]), (278, 3, [height]),
            (279, 4, [len(strip)]), (284, 3, [planes])] + ([(338, 3, [extra])] if channels == 4 else [])
    entries, spare = b"", b""
    for tag, kind, values in tags:
        packed_values = struct.pack(f"{order}{len(values)}{'HI'[kind - 3]}", *values)
        if len(packed_values) > 4:
            spare, packed_values = packed_values, struct.pack(f"{order}I", after + 2 + 12 * len(tags) + 4)
        entries += struct.pack(f"{order}HHI", tag, kind, len(values)) + packed_values.ljust(4, b"\0")
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, after)
    return head + strip + struct.pack(f"{order}H", len(tags)) + entries + bytes(4) + spare
