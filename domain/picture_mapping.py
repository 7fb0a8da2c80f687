"""How a picture becomes what a model of another maker takes."""
from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from domain.cells import describe
from domain.errors import Fault

LAYOUTS, COLOURS = ("NCHW", "NHWC"), ("RGB", "BGR", "GREY")
KEYS = ("layout", "size", "scale", "mean", "std", "colours")
# In place of a size: pictures go in as large as they come.
ANY_SIZE = "any"
_SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True, slots=True)
class PictureMapping:
    """None where nothing was said. layout: one of LAYOUTS. size: height and width in pixels, or ANY_SIZE. The values of
    a picture, 0 to 255, go in as (value * scale - mean) / std, where `mean` and `std` are one number for each colour,
    one for all, or none. colours: one of COLOURS, in the model's order."""

    layout: str | None = None
    size: tuple[int, int] | str | None = None
    scale: float | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    colours: str | None = None

    def to_document(self) -> dict[str, object]:
        """In plain values, without what was not said."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
                if value is not None}


def from_document(said: Mapping[str, Any]) -> PictureMapping:
    """said: without faults."""
    size, scale = said.get("size"), said.get("scale")
    return PictureMapping(
        said.get("layout"), tuple(size) if isinstance(size, Sequence) and size != ANY_SIZE else size,
        None if scale is None else _number(scale), _numbers(said.get("mean")), _numbers(said.get("std")),
        said.get("colours"))


def faults_of(said: object) -> Iterator[Fault]:
    if not isinstance(said, Mapping):
        yield Fault("picture", f"expected an object with {', '.join(KEYS)}, got {describe(said)}")
        return
    for key in said:
        if key not in KEYS:
            yield Fault(f"picture.{key}", f"is unknown; known are {', '.join(KEYS)}")
    for key, known in (("layout", LAYOUTS), ("colours", COLOURS)):
        if said.get(key) is not None and said[key] not in known:
            yield Fault(f"picture.{key}", f"expected {' or '.join(known)}, got {describe(said[key])}")
    yield from _size_faults(said.get("size"))
    if said.get("scale") is not None and not _number(said["scale"]):
        yield Fault("picture.scale", f"expected a number that is not 0, such as 1/255, got {describe(said['scale'])}")
    for key in ("mean", "std"):
        values = said.get(key)
        if values is not None and not _are_numbers(values):
            yield Fault(f"picture.{key}", f"expected a list of numbers, got {describe(values)}")
        elif key == "std" and values and 0 in values:
            yield Fault("picture.std", "nothing can be divided by 0")


def _size_faults(size: object) -> Iterator[Fault]:
    fits = size in (None, ANY_SIZE) or isinstance(size, Sequence) and not isinstance(size, str) and len(size) == 2 and (
        all(type(side) is int and side > 0 for side in size))
    if not fits:
        yield Fault("picture.size", f"expected [height, width] in pixels, or {ANY_SIZE}, got {describe(size)}")


def _number(value: object) -> float | None:
    """A quotient may be written as one. None for what is no number."""
    if isinstance(value, str) and (match := _SHARE.fullmatch(value)):
        return float(match[1]) / float(match[2]) if float(match[2]) else None
    return float(value) if _is_number(value) else None  # type: ignore[arg-type]


def _numbers(values: Sequence[float] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(map(float, values))


def _are_numbers(values: object) -> bool:
    return isinstance(values, Sequence) and not isinstance(values, str) and all(map(_is_number, values))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
