"""A picture in parts, for whatever looks at a pixel and its surroundings."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Window = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class Tiling:
    """How a computation may be parted: the surroundings of a pixel count as far as `halo_px`, and parts begin at
    multiples of `step_px`, of which the halo is one."""

    halo_px: int
    step_px: int


@dataclass(frozen=True, slots=True)
class Tile:
    """seen: what has to be looked at, in the picture; inner: the part of `seen` that then is right; place: that part in
    the picture. The places of all tiles cover the picture once."""

    seen: Window
    inner: Window
    place: Window


def tiles(height: int, width: int, tiling: Tiling, size_px: int) -> Iterator[Tile]:
    """size_px: of the places, a multiple of the step."""
    for rows in _parts(height, tiling, size_px):
        for columns in _parts(width, tiling, size_px):
            yield Tile(*zip(rows, columns, strict=True))


def _parts(length: int, tiling: Tiling, size_px: int) -> Iterator[tuple[slice, slice, slice]]:
    for start in range(0, length, size_px):
        end = min(start + size_px, length)
        first = max(start - tiling.halo_px, 0)
        yield slice(first, min(end + tiling.halo_px, length)), slice(start - first, end - first), slice(start, end)
