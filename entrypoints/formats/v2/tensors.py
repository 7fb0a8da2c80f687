"""Tensors, as numbers and texts in JSON or as plain bytes (the binary tensor extension)."""
from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from math import nan, prod
from types import MappingProxyType
from typing import Any

import numpy as np

from application.ports.text_coder import TextCoder
from domain.arrays import Array
from domain.cells import describe
from domain.errors import Fault, InvalidInput
from domain.text_cells import CodedTexts
from entrypoints.formats.v2 import elements
from entrypoints.formats.v2.elements import Elements

BYTES, BF16 = "BYTES", "BF16"
# By the names that the protocol has for them.
DTYPES: Mapping[str, np.dtype[Any]] = MappingProxyType({
    "BOOL": np.dtype("?"), "UINT8": np.dtype("u1"), "UINT16": np.dtype("<u2"), "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"), "INT8": np.dtype("i1"), "INT16": np.dtype("<i2"), "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"), "FP16": np.dtype("<f2"), "FP32": np.dtype("<f4"), "FP64": np.dtype("<f8")})
DATATYPES = (*DTYPES, BF16, BYTES)
MAX_DIMENSIONS = 8
_MAX_SIZE = 2**40
# Elements. Of fewer it is quicker to look at each.
_MANY = 500
# Bytes: all are made as long as the longest, which is for labels, as they are usual.
_LONG_LABEL = 64
_LENGTH = struct.Struct("<I")
# By the kind of their dtype, as Python reads JSON.
_JSON_TYPES: Mapping[str, frozenset[type]] = MappingProxyType({
    "b": frozenset({bool}), "f": frozenset({int, float, type(None)}), "i": frozenset({int}), "u": frozenset({int}),
    "O": frozenset({str})})


@dataclass(frozen=True, eq=False, slots=True)
class Tensor:
    """held: the values, or the many elements of one of BYTES, as they came."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    held: Array | Elements

    @property
    def values(self) -> Array:
        """Of `shape`; for BYTES object[...] of str or bytes, which are texts in UTF-8 or whole files."""
        if isinstance(self.held, Elements):
            return _objects(self.held.whole()).reshape(self.shape)
        return self.held

    def flat(self) -> Tensor:
        """Of one dimension."""
        held = self.held if isinstance(self.held, Elements) else self.held.reshape(-1)
        return Tensor(self.name, self.datatype, (prod(self.shape),), held)


def of_json(name: str, datatype: str, shape: Sequence[int], data: object) -> Tensor:
    """data: a list, flat or nested; null in a tensor of floats is a missing value. Raises: InvalidInput."""
    _check(name, datatype, shape)
    flat = _flat(name, data, len(shape))
    _check_count(name, shape, flat)
    allowed = _JSON_TYPES["f" if datatype == BF16 else "O" if datatype == BYTES else DTYPES[datatype].kind]
    if not allowed.issuperset(found := set(map(type, flat))):
        wrong = next(value for value in flat if type(value) not in allowed)
        raise refused(name, f"expected {datatype}, got {describe(wrong)}")
    if type(None) in found:
        flat = [nan if value is None else value for value in flat]
    return Tensor(name, datatype, tuple(shape), _array(name, datatype, flat).reshape(shape))


def of_values(name: str, datatype: str, shape: Sequence[int], values: Sequence[Any]) -> Tensor:
    """values: flat, row by row, of the Python type that belongs to the datatype. Raises: InvalidInput."""
    _check(name, datatype, shape)
    _check_count(name, shape, values)
    return Tensor(name, datatype, tuple(shape), _array(name, datatype, values).reshape(shape))


def _check_count(name: str, shape: Sequence[int], flat: Sequence[Any]) -> None:
    """Raises: InvalidInput."""
    if len(flat) != prod(shape):
        raise refused(name, f"has {len(flat)} values; its shape {list(shape)} asks for {prod(shape)}")


def _array(name: str, datatype: str, flat: Sequence[Any]) -> Array:
    """flat: values of the Python type that belongs to it. Raises: InvalidInput for a number out of range."""
    if datatype == BYTES:
        return _objects(flat)
    dtype = DTYPES.get(datatype, np.dtype("<f4"))
    try:
        return np.array(flat, dtype)
    except OverflowError as failure:
        raise refused(name, f"has a number that does not fit {datatype}") from failure


def _flat(name: str, data: object, dimensions: int) -> Sequence[Any]:
    """Raises: InvalidInput for what is no list."""
    if not isinstance(data, list):
        raise refused(name, f"expected data as a list, got {describe(data)}")
    while dimensions > 1 and data and set(map(type, data)) == {list}:
        data, dimensions = list(chain.from_iterable(data)), dimensions - 1
    return data


def of_bytes(name: str, datatype: str, shape: Sequence[int], raw: bytes | memoryview) -> Tensor:
    """raw: little-endian, row by row; of BYTES each element after its length (uint32). Raises: InvalidInput."""
    _check(name, datatype, shape)
    if datatype == BYTES:
        many = elements.found(raw, count) if (count := prod(shape)) >= _MANY else None
        return Tensor(name, datatype, tuple(shape),
                      many or _objects(_elements(name, raw, count)).reshape(shape))
    dtype = np.dtype("<u2") if datatype == BF16 else DTYPES[datatype]
    if len(raw) != prod(shape) * dtype.itemsize:
        raise refused(name, f"has {len(raw)} bytes; its shape {list(shape)} asks for {prod(shape) * dtype.itemsize}")
    values = np.frombuffer(raw, dtype)
    if datatype == BF16:  # the upper half of a float32
        values = (values.astype("<u4") << 16).view("<f4")
    return Tensor(name, datatype, tuple(shape), values.reshape(shape))


def _elements(name: str, raw: bytes | memoryview, count: int) -> list[bytes]:
    """What breaks off ends behind the bytes, which is looked at once: a column of texts has thousands."""
    raw, at, head, found = bytes(raw), 0, _LENGTH.size, list[bytes]()
    unpack, add, end = _LENGTH.unpack_from, found.append, len(raw) - _LENGTH.size
    while at <= end:
        start = at + head
        at = start + unpack(raw, at)[0]
        add(raw[start:at])
    if at > len(raw):
        raise refused(name, f"breaks off within element {len(found) - 1}")
    if at < len(raw):
        raise refused(name, "breaks off within the length of an element")
    if len(found) != count:
        raise refused(name, f"has {len(found)} elements; its shape asks for {count}")
    return found


def _check(name: str, datatype: str, shape: Sequence[int]) -> None:
    if datatype not in DATATYPES:
        raise refused(name, f"has the datatype {datatype}; known are {', '.join(DATATYPES)}")
    # Also of a tensor without elements: numpy multiplies the other sizes.
    if not 0 < len(shape) <= MAX_DIMENSIONS or min(shape) < 0 or prod(map(partial(max, 1), shape)) > _MAX_SIZE:
        raise refused(name, f"has the shape {list(shape)}; it takes 1 to {MAX_DIMENSIONS} sizes, none below 0")


def texts(tensor: Tensor, coder: TextCoder | None = None) -> Array:
    """object[...] of str, of a tensor of BYTES; of one dimension CodedTexts. coder: what may be asked for many.

    Raises: InvalidInput.
    """
    if coder is not None and isinstance(tensor.held, Elements) and len(tensor.shape) == 1:
        coded = coder.code(tensor.held.content, tensor.held.offsets)
        if coded is not None:
            return coded
    all_of_them = tensor.values.ravel().tolist()
    places = {element: place for place, element in enumerate(dict.fromkeys(all_of_them))}
    codes = np.fromiter(map(places.__getitem__, all_of_them), np.intp, len(all_of_them))
    try:
        distinct = [element.decode() if isinstance(element, bytes) else element for element in places]
    except UnicodeDecodeError as failure:
        raise refused(tensor.name, "has an element that is not UTF-8") from failure
    shaped = CodedTexts.of(distinct, codes)
    return shaped if len(tensor.shape) == 1 else np.asarray(shaped).reshape(tensor.shape)


def to_json(tensor: Tensor) -> list[Any]:
    """Flat, row by row."""
    values: list[Any] = (texts(tensor) if tensor.datatype == BYTES else tensor.values).ravel().tolist()
    return values


def to_bytes(tensor: Tensor) -> bytes:
    if tensor.datatype != BYTES:
        return tensor.values.astype(DTYPES[tensor.datatype], copy=False).tobytes()
    # Labels come again and again: each is framed once. A row of several that were answered together knows all of them.
    values = tensor.values
    if isinstance(values, CodedTexts) and values.codes is not None and len(values.texts) <= len(values):
        return _placed(list(map(_framed, values.texts)), values.codes)
    elements_of: list[str | bytes] = values.ravel().tolist()
    framed = {value: _framed(value) for value in dict.fromkeys(elements_of)}
    return b"".join(map(framed.__getitem__, elements_of))


def _placed(framed: Sequence[bytes], codes: Array) -> bytes:
    """Those at the positions `codes`, one behind another."""
    lengths = np.array(list(map(len, framed)))
    if (longest := lengths.max(initial=1)) > _LONG_LABEL:
        return b"".join(map(framed.__getitem__, codes.tolist()))
    padded = np.array(framed, f"S{longest}").view(np.uint8).reshape(-1, longest)
    is_of_it = np.arange(longest) < lengths[:, None]
    found: Array = padded.take(codes, axis=0)[is_of_it.take(codes, axis=0)]
    return found.tobytes()


def to_elements(tensor: Tensor) -> list[bytes]:
    """Of a tensor of BYTES, flat, row by row."""
    return list(map(_element, tensor.values.ravel().tolist()))


def _element(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _framed(value: str | bytes) -> bytes:
    """Behind its length."""
    element = _element(value)
    return _LENGTH.pack(len(element)) + element


def refused(name: str, problem: str) -> InvalidInput:
    """name: of an input."""
    return InvalidInput(f"input {name} {problem}", [Fault(f"input {name}", problem)])


def _objects(values: Sequence[Any]) -> Array:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
