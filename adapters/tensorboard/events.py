"""The few fields of TensorBoard's event files that pictures need; TensorBoard itself is no part of a training.

Records: tensorflow/core/lib/io/record_writer.h. Fields: tensorboard/compat/proto/event.proto and summary.proto.
"""
from __future__ import annotations

import struct

_VERSION = b"brain.Event:2"
_RGB = 3
_FLOAT = 5  # the wire type of four bytes
_BYTES = 2  # the wire type of what has a length
_CASTAGNOLI = 0x82F63B78
_MASK = 0xA282EAD8


def version_event() -> bytes:
    """The first of a file. Events bear no moment, so that the same pictures give the same bytes."""
    return _sized(3, _VERSION)


def image_event(tag: str, height: int, width: int, png: bytes) -> bytes:
    image = _number(1, height) + _number(2, width) + _number(3, _RGB) + _sized(4, png)
    return _sized(5, _sized(1, _sized(1, tag.encode()) + _sized(4, image)))


def scalar_event(tag: str, step: int, value: float) -> bytes:
    simple = _varint(2 << 3 | _FLOAT) + struct.pack("<f", value)
    return _number(2, step) + _sized(5, _sized(1, _sized(1, tag.encode()) + simple))


def record(event: bytes) -> bytes:
    """An event as it stands in a file, with the checksums of its length and of itself."""
    length = struct.pack("<Q", len(event))
    return length + _masked_crc(length) + event + _masked_crc(event)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _sized(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; all bytes but the last have their highest bit set."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(written) + bytes([value])


def _masked_crc(content: bytes) -> bytes:
    crc = _crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF)


def _crc32c(content: bytes) -> int:
    """RFC 3720, appendix B.4."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _entry(crc: int) -> int:
    for _ in range(8):
        crc = crc >> 1 ^ (_CASTAGNOLI if crc & 1 else 0)
    return crc


_TABLE = [_entry(number) for number in range(256)]
