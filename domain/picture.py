"""Pictures and their masks: what a task says of them, and what can be counted in them."""
from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from domain.arrays import Array
from domain.columns import ColumnType
from domain.errors import Fault
from domain.schema import Column, Role, Schema

CHANNELS, BITS = (1, 3), (8, 16)
CLASSIFIED_CHANNELS, CLASSIFIED_BITS = 3, 8
MAX_PIXEL_VALUE, MAX_COLOUR = 2 ** 16 - 1, 2 ** 24 - 1
# In place of a class position: a pixel that does not count.
VOID = 255
PROBE_PX = (24, 32)


def cells(arrays: Sequence[Array]) -> Array:
    """object[n]: one array a row, also where all have the same shape."""
    column = np.empty(len(arrays), dtype=object)
    for row, array in enumerate(arrays):
        column[row] = array
    return column


def pack(array: Array) -> dict[str, object]:
    """An array of numbers as plain values that JSON can hold."""
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return {"shape": list(array.shape), "type": array.dtype.name,
            "zlib": base64.b64encode(zlib.compress(little.tobytes(), 9)).decode()}


def unpack(packed: Mapping[str, Any]) -> Array:
    """Raises: ValueError, LookupError or TypeError if `packed` is none."""
    try:
        content = zlib.decompress(base64.b64decode(packed["zlib"], validate=True))
    except zlib.error as failure:
        raise ValueError("not a packed array") from failure
    flat = np.frombuffer(content, np.dtype(packed["type"]).newbyteorder("<")).astype(packed["type"])
    return flat.reshape(packed["shape"])


def made_pictures(column: Column, sample: Array, random: np.random.Generator) -> Array:
    """object[n] of small pictures on which filters and stretches go wrong: of one value, of two far apart, almost
    of one, of noise, with sides that no step divides, of one pixel; and a corner of a real one."""
    white = 2 ** column.bits - 1
    noise = random.integers(0, white + 1, (*PROBE_PX, column.channels))
    spot, black = np.zeros_like(noise), np.zeros_like(noise)
    spot[PROBE_PX[0] // 2, PROBE_PX[1] // 2] = white
    made = [black, black + white, spot, white - spot, noise, white // 2 + noise % 2, noise[:17, :23], noise[:1, :1],
            noise[:1], np.sort(noise, axis=1), sample[:PROBE_PX[0], :PROBE_PX[1]]]
    return cells([pixels.astype(sample.dtype) for pixels in made])


def task_of_pictures(channels: int, bits: int, values: tuple[int, ...], mask_channels: int = 1,
                     void: int | None = None, why: str = "") -> tuple[Column, Column]:
    """The columns under their usual names. why: the masks are taken so."""
    return (Column("image", ColumnType.PICTURE, nullable=False, channels=channels, bits=bits),
            Column("mask", ColumnType.MASK, Role.TARGET, nullable=False, description=why,
                   channels=mask_channels, values=values, void=void))


def task_of_classes(why: str) -> tuple[Column, Column]:
    """The columns of a task of pictures by class under their usual names. why: the classes are taken so."""
    return (Column("image", ColumnType.PICTURE, nullable=False, channels=CLASSIFIED_CHANNELS, bits=CLASSIFIED_BITS),
            Column("label", ColumnType.CATEGORY, Role.TARGET, nullable=False, description=why))


def mask_values(column: Column, classes: int) -> tuple[int, ...]:
    """The pixel value that stands for each class, in the order of the labels."""
    return column.values or tuple(range(classes))


def drawn_mask(column: Column, classes: int, mask: Array) -> Array:
    """The class positions [height, width] in the pixel values of the column, as a file holds them: uint8 or, of large
    values, uint16[height, width]; of a mask in colour uint8[height, width, 3]."""
    table = np.zeros(VOID + 1, np.int64)
    table[:classes] = mask_values(column, classes)
    table[VOID] = 0 if column.void is None else column.void
    if column.channels == 3:
        return np.stack([table >> 16, table >> 8 & 255, table & 255], axis=1).astype(np.uint8)[mask]
    drawn: Array = table.astype(np.uint8 if table.max() <= 255 else np.uint16)[mask]
    return drawn


def class_counts(mask: Array, classes: int) -> Array:
    """int64[classes]: how many pixels are of each class. mask: uint8[height, width] class positions, or VOID."""
    # bincount would widen it to eight bytes
    return np.array([np.count_nonzero(mask == number) for number in range(classes)])


def class_shares(mask: Array, classes: int) -> Array:
    """float64[classes]: the share of the pixels that is of each class, of those that count. mask: as `class_counts`
    takes it."""
    counts = class_counts(mask, classes)
    shares: Array = counts / max(counts.sum(), 1)
    return shares


def schema_faults(schema: Schema, target: ColumnType, classes: int) -> list[Fault]:
    """A task of pictures has one of them as its feature and a mask, or a class, as its target; nothing else is kept."""
    kept = sorted((column.type, column.role) for column in schema.stored)
    if kept != sorted([(ColumnType.PICTURE, Role.FEATURE), (target, Role.TARGET)]):
        return [Fault("columns", f"{_WHAT[target]} has one feature of the type picture and a target of the type "
                                 f"{target}")]
    picture = schema.features[0]
    if target is ColumnType.MASK:
        return _picture_faults(picture) + _mask_faults(schema.target, classes)
    return _picture_faults(picture) + _classified_faults(picture)


_WHAT = {ColumnType.MASK: "a segmentation", ColumnType.CATEGORY: "a task of pictures by class"}


def _classified_faults(column: Column) -> list[Fault]:
    """What is learnt from is seen in colour, and grey pictures are brought up to it."""
    if (column.channels, column.bits) != (CLASSIFIED_CHANNELS, CLASSIFIED_BITS):
        return [Fault(f"column {column.name}", f"has channels: {CLASSIFIED_CHANNELS} and bits: {CLASSIFIED_BITS} in a "
                                               "task of pictures by class; grey pictures may come all the same")]
    return []


def _picture_faults(column: Column) -> list[Fault]:
    facts = {"channels": (column.channels, CHANNELS), "bits": (column.bits, BITS)}
    return [Fault(f"column {column.name}", f"{name} is {allowed[0]} or {allowed[1]}")
            for name, (value, allowed) in facts.items() if value not in allowed]


def _mask_faults(column: Column, classes: int) -> list[Fault]:
    where, values = f"column {column.name}", mask_values(column, classes)
    largest = MAX_COLOUR if column.channels == 3 else MAX_PIXEL_VALUE
    faults = []
    if column.channels not in CHANNELS:
        faults.append(Fault(where, f"channels is {CHANNELS[0]} or {CHANNELS[1]}"))
    if len(set(values)) != len(values) or len(values) != classes or not all(0 <= value <= largest for value in values):
        faults.append(Fault(where, f"values has another pixel value, 0 to {largest}, for each label"))
    if column.void is not None and (column.void in values or not 0 <= column.void <= largest):
        faults.append(Fault(where, f"void is a pixel value, 0 to {largest}, that stands for no label"))
    return faults
