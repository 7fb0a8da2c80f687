"""Many BYTES elements of a binary tensor, found without looking at each."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.arrays import Array, Flags

_HEAD = 4


@dataclass(frozen=True, eq=False, slots=True)
class Elements:
    """content: uint8[m], of one behind that of another. offsets: int32[n + 1], from 0 to m."""

    content: Array
    offsets: Array

    def whole(self) -> list[bytes]:
        content, offsets = self.content.tobytes(), self.offsets.tolist()
        return [content[start:end] for start, end in zip(offsets, offsets[1:], strict=False)]


def found(raw: bytes | memoryview, count: int) -> Elements | None:
    """raw: `count` elements, 1 at least, each behind its length, a little-endian uint32. None if they cannot be told
    without a look at each, also where something is wrong with them: such as have a NUL or 256 bytes, among others."""
    data = np.frombuffer(raw, np.uint8)
    heads = _of_one_length(data, count)
    if heads is None:
        heads = _between_zeros(data, count)
    if heads is None or len(heads) != count:
        return None
    lengths = data[heads].astype(np.intp)
    # The first head is at 0, and each length leads to the next: there is one way only to read them.
    if heads[0] != 0 or not np.array_equal(heads + _HEAD + lengths, np.append(heads[1:], len(data))):
        return None
    within: Flags = np.ones(len(data), dtype=bool)
    for place in range(_HEAD):
        within[heads + place] = False
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return Elements(data[within], offsets)


def _of_one_length(data: Array, count: int) -> Array | None:
    """Where the lengths begin, if all elements have the same one."""
    size, rest = divmod(len(data), count)
    if rest or not _HEAD <= size < _HEAD + 256:
        return None
    said = np.ascontiguousarray(data.reshape(count, size)[:, :_HEAD]).view("<u4")
    return np.arange(0, len(data), size) if bool((said == size - _HEAD).all()) else None


def _between_zeros(data: Array, count: int) -> Array | None:
    """Where the lengths begin, of elements without a NUL: three zeros follow the length of one that holds something;
    four times as many zeros as there are empty ones in a row stand for these."""
    edges = np.diff(data == 0, prepend=False, append=False)
    # Each element has a part in one run of zeros. What has more is not looked through: of pictures it may be millions.
    if np.count_nonzero(edges) > 2 * count:
        return None
    places = np.flatnonzero(edges)
    starts, lengths = places[::2], places[1::2] - places[::2]
    many, rest = np.divmod(lengths, _HEAD)
    if not np.all((lengths == _HEAD - 1) | (rest == 0)):
        return None
    filled, empty, repeated = starts[rest != 0] - 1, starts[rest == 0], many[rest == 0]
    nth = np.arange(repeated.sum()) - np.repeat(np.cumsum(repeated) - repeated, repeated)
    return np.sort(np.concatenate((filled, np.repeat(empty, repeated) + nth * _HEAD)))
