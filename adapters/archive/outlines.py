"""Outlines in JSON files beside the pictures: those of labelme, one for each picture, and of COCO, one for many."""
from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from adapters.archive.roles import folded
from domain.errors import Fault
from domain.outlines import Outlines, Ring, Shape
from domain.picture import VOID

SUFFIX = ".json"
MAX_BYTES = 64 << 20
# Of all outlines in an archive, which are held while its pictures are taken.
MAX_POINTS = 2_000_000
_CORNERS_OF_A_CIRCLE = 64


@dataclass(frozen=True, slots=True)
class Outlined:
    """wanted: what the picture may be called, folded, without suffix, the surest first. picture: as the file says."""

    picture: str
    wanted: tuple[PurePosixPath, ...]
    outlines: Outlines


def outlines_of(file: str, content: bytes) -> tuple[list[Outlined], list[Fault]] | None:
    """file: its name. None for JSON of any other kind."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    found: list[Outlined] = []
    faults: list[Fault] = []
    if isinstance(document.get("shapes"), list):
        _read(file, lambda: found.append(_of_labelme(file, document)), faults, file)
    elif all(isinstance(document.get(key), list) for key in ("images", "annotations", "categories")):
        _of_coco(file, document, found, faults)
    else:
        return None
    return found, faults


def points_in(found: Sequence[Outlined]) -> int:
    return sum(len(ring) for one in found for shape in one.outlines.shapes for ring in shape.rings)


class _Odd(Exception):
    """What is wrong with a shape."""


def _read(where: str, take: Callable[[], object], faults: list[Fault], file: str) -> None:
    try:
        take()
    except _Odd as failure:
        faults.append(Fault(where, str(failure)))
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError):
        faults.append(Fault(where, f"cannot be read as outlines{'' if where == file else f' in {file}'}"))


def _of_labelme(file: str, document: Mapping[str, Any]) -> Outlined:
    shapes = tuple(Shape(_name(shape["label"]), (_labelme_ring(shape),)) for shape in document["shapes"])
    path = PurePosixPath(file)
    said = PurePosixPath(str(document.get("imagePath") or file).replace("\\", "/"))
    wanted = (path.with_suffix(""), path.with_name(said.stem or "_"), PurePosixPath(said.stem))
    return Outlined(file, tuple(map(folded, wanted)), _checked(Outlines(
        file, _size(document["imageWidth"]), _size(document["imageHeight"]), shapes)))


def _labelme_ring(shape: Mapping[str, Any]) -> Ring:
    kind, points = shape.get("shape_type", "polygon"), _ring(shape["points"])
    if kind == "rectangle" and len(points) in (2, 4):
        (left, upper), (right, lower) = points[0], points[len(points) // 2]
        return (left, upper), (right, upper), (right, lower), (left, lower)
    if kind == "circle" and len(points) == 2:
        return _circle(points[0], math.dist(*points))
    if kind != "polygon":
        raise _Odd(f"holds a shape of the kind {kind}; polygon, rectangle and circle are read")
    return _polygon(points)


def _circle(centre: tuple[float, float], radius: float) -> Ring:
    turns = [2 * math.pi * corner / _CORNERS_OF_A_CIRCLE for corner in range(_CORNERS_OF_A_CIRCLE)]
    return tuple((centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn)) for turn in turns)


def _of_coco(file: str, document: Mapping[str, Any], found: list[Outlined], faults: list[Fault]) -> None:
    names: dict[object, str] = {}
    shapes: dict[object, list[Shape]] = {}
    _read(file, lambda: names.update({one["id"]: _name(one["name"]) for one in document["categories"]}), faults, file)
    for place, entry in enumerate(document["annotations"], start=1):
        _read(f"{file}, annotation {place}", partial(_add_shape, shapes, names, entry), faults, file)
    for place, image in enumerate(document["images"], start=1):
        _read(f"{file}, image {place}", partial(_add_picture, found, shapes, file, image), faults, file)
    if shapes and not faults:
        faults.append(Fault(file, "holds annotations of images that it does not list"))


def _add_shape(shapes: dict[object, list[Shape]], names: Mapping[object, str], annotation: Mapping[str, Any]) -> None:
    name, rings = names[annotation["category_id"]], tuple(_coco_rings(annotation))
    shapes.setdefault(annotation["image_id"], []).append(Shape(name, rings))


def _add_picture(found: list[Outlined], shapes: dict[object, list[Shape]], file: str, image: Mapping[str, Any]) -> None:
    found.append(_coco_picture(file, image, shapes.pop(image["id"], [])))


def _coco_picture(file: str, image: Mapping[str, Any], shapes: Sequence[Shape]) -> Outlined:
    said = PurePosixPath(str(image["file_name"]).replace("\\", "/"))
    wanted = (said.with_suffix(""), PurePosixPath(said.stem))
    return Outlined(str(said), tuple(map(folded, wanted)), _checked(Outlines(
        file, _size(image["width"]), _size(image["height"]), tuple(shapes))))


def _coco_rings(annotation: Mapping[str, Any]) -> Iterator[Ring]:
    rings = annotation.get("segmentation")
    if isinstance(rings, dict):
        raise _Odd("is a mask in run lengths; export polygons")
    if not rings:
        raise _Odd("has a box and no outline; export polygons")
    for flat in rings:
        yield _polygon(_ring(list(zip(flat[::2], flat[1::2], strict=True))))


def _polygon(ring: Ring) -> Ring:
    if len(ring) < 3:
        raise _Odd(f"holds an outline of {len(ring)} points; 3 are the least")
    return ring


def _ring(points: Sequence[Sequence[float]]) -> Ring:
    ring = tuple((float(x), float(y)) for x, y in points)
    if not all(math.isfinite(number) and abs(number) < 1e6 for point in ring for number in point):
        raise _Odd("holds a point that is nowhere near the picture")
    return ring


def _checked(outlines: Outlines) -> Outlines:
    if len(outlines.numbers) >= VOID:
        raise _Odd(f"names {len(outlines.numbers)} classes; a mask has {VOID} at most")
    return outlines


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Odd("holds a class without a name")
    return value.strip()


def _size(value: object) -> int:
    if type(value) is not int or value < 1:
        raise _Odd("does not say the width and height of the picture")
    return value
