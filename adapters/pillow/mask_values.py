"""The numbers of a mask as classes: exact where the file is, and repaired where a lossy one tells what it means."""
from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from application.ports.picture_codec import UnreadablePicture
from domain.arrays import Array
from domain.picture import VOID

_UNKNOWN = VOID + 1
_SHOWN_VALUES = 5
_STRIP_ROWS = 256
MOST_VALUES = 256
# Of a lossy mask: how far apart values have to be, how far from its own a pixel may lie, how many may lie farther.
_LEAST_GAP, _NEAR, _MOST_FAR = 32, 0.4, 0.02
_DARK, _BRIGHT = 64, 191


def positions(numbers: Array, values: Sequence[int], void: int | None, coloured: bool) -> Array:
    """uint8[height, width] of numbers [height, width], or of colours [height, width, 3]. Raises: UnreadablePicture."""
    found = np.concatenate([_known(strip, values, void) for strip in _strips(numbers, coloured)])
    if found.size and found.max() == _UNKNOWN:
        odd = np.unique(_of_places(numbers, found == _UNKNOWN, coloured))
        raise UnreadablePicture(_odd_words(odd, values, coloured))
    return found.astype(np.uint8)


def distinct(numbers: Array, coloured: bool) -> tuple[int, ...]:
    """Rising. Raises: UnreadablePicture for more colours than a mask can have."""
    seen: set[int] = set()
    for strip in _strips(numbers, coloured):
        seen |= {*np.unique(strip).tolist()}
        if coloured and len(seen) > MOST_VALUES:
            raise UnreadablePicture(f"has more than {MOST_VALUES} colours; a mask has one for each class")
    return tuple(sorted(seen))


def nearest(numbers: Array, values: Sequence[int]) -> Array:
    """Each pixel of a lossy mask brought to the value that it means. Raises: UnreadablePicture if that is not plain."""
    known = np.array(sorted(values))
    gap = int(np.diff(known).min()) if len(known) > 1 else 256
    if gap < _LEAST_GAP:
        raise UnreadablePicture(f"is a JPEG, which blurs values that lie {gap} apart; save masks as PNG")
    table = known[np.abs(np.arange(256)[:, None] - known).argmin(axis=1)]
    far = np.abs(np.arange(256) - table) > gap * _NEAR
    if np.count_nonzero(far[numbers]) > _MOST_FAR * numbers.size:
        raise UnreadablePicture("is a JPEG whose pixels lie between the values of the classes; save masks as PNG")
    repaired: Array = table.astype(np.uint8)[numbers]
    return repaired


def black_and_white(numbers: Array) -> Array:
    """Of a lossy mask of nobody knows which values: 0 and 255, if that is what it plainly means. Raises:
    UnreadablePicture."""
    if 0 < numbers.max(initial=0) <= _DARK:
        raise UnreadablePicture(f"is a JPEG with values up to {numbers.max()}, which it blurs; save masks as PNG")
    between = np.count_nonzero((numbers > _DARK) & (numbers < _BRIGHT))
    if between > _MOST_FAR * numbers.size:
        raise UnreadablePicture("is a JPEG of more than black and white, which it blurs; save masks as PNG")
    return np.where(numbers > (_DARK + _BRIGHT) // 2, np.uint8(255), np.uint8(0))


def _strips(numbers: Array, coloured: bool) -> Iterator[Array]:
    """Some rows at a time, colours as one number each."""
    for row in range(0, max(len(numbers), 1), _STRIP_ROWS):
        strip = numbers[row:row + _STRIP_ROWS]
        yield _codes(strip) if coloured else strip


def _codes(colours: Array) -> Array:
    """int32 0xRRGGBB of uint8[..., 3], or of grey [..., 1]."""
    wide = np.broadcast_to(colours, (*colours.shape[:-1], 3)).astype(np.int32)
    codes: Array = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    return codes


def _of_places(numbers: Array, places: Array, coloured: bool) -> Array:
    return _codes(numbers[places]) if coloured else numbers[places]


def _known(numbers: Array, values: Sequence[int], void: int | None) -> Array:
    """uint16 positions, VOID or _UNKNOWN."""
    stand_for = np.array([*range(len(values)), *([] if void is None else [VOID])], np.uint16)
    known = np.array([*values, *([] if void is None else [void])], np.int64)
    order = np.argsort(known)
    if numbers.dtype == np.uint8:
        return _looked_up(np.arange(256), known[order], stand_for[order])[numbers]
    return _looked_up(numbers, known[order], stand_for[order])


def _looked_up(numbers: Array, known: Array, stand_for: Array) -> Array:
    """known: rising."""
    places = np.searchsorted(known, numbers).clip(max=len(known) - 1)
    found: Array = np.where(known[places] == numbers, stand_for[places], np.uint16(_UNKNOWN))
    return found


def _odd_words(odd: Array, values: Sequence[int], coloured: bool) -> str:
    shown = ", ".join(shown_value(int(value), coloured) for value in odd[:_SHOWN_VALUES])
    more = " and others" if len(odd) > _SHOWN_VALUES else ""
    known = ", ".join(shown_value(value, coloured) for value in values if value < 1 << 24)
    return f"holds {shown}{more}; the values of the classes are {known}"


def shown_value(value: int, coloured: bool) -> str:
    return f"#{value:06x}" if coloured else str(value)
