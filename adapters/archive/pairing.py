"""Which mask belongs to which picture, or to which frame of a video: by their names alone."""
from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from adapters.archive.contents import MAX_FAULTS, path_of, shown
from domain.errors import Fault, InvalidInput

PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"}
VIDEOS = {".mp4", ".avi", ".webm"}
_IMAGES, _MASKS, _MASK_ENDING = "images", "masks", "_mask"
_NUMBERED = re.compile(r"(.+)_([0-9]{1,9})")
_NUMBER = re.compile(r"[0-9]{1,9}")

Files = dict[PurePosixPath, zipfile.ZipInfo]


@dataclass(frozen=True, slots=True)
class Parted:
    """Each by what it has in common with what belongs to it: the path without the folders' names, _mask and the suffix.
    frames: the masks of a video by the number of their frame."""

    pictures: Files = field(default_factory=dict)
    videos: Files = field(default_factory=dict)
    masks: Files = field(default_factory=dict)
    frames: dict[PurePosixPath, dict[int, zipfile.ZipInfo]] = field(default_factory=dict)


def parted(members: Iterable[zipfile.ZipInfo], labelled: bool) -> Parted:
    """If `labelled`, every mask has found its place. Raises: InvalidInput naming every file that has none."""
    paths = {path_of(member): member for member in members}
    by_folder = any(_MASKS in _folders(path) for path in paths)
    found, faults = Parted(), []
    for path, member in paths.items():
        is_mask, key = _by_folder(path) if by_folder else _by_name(path)
        if fault := _place(found, path, member, is_mask, key):
            faults.append(fault)
    refuse(faults)
    _check_there_are_some(found, labelled)
    if labelled:
        refuse([*_give_frames_their_masks(found), *_lonely(found)])
    return found


def _place(found: Parted, path: PurePosixPath, member: zipfile.ZipInfo, is_mask: bool, key: PurePosixPath
           ) -> Fault | None:
    suffix, name = path.suffix.lower(), shown(str(path))
    if suffix not in PICTURES | VIDEOS:
        return Fault(name, "is no picture, and no video that is known (mp4, avi, webm)")
    if is_mask and suffix in VIDEOS:
        return Fault(name, "is a video; masks are pictures, one for each labelled frame")
    target = found.masks if is_mask else found.videos if suffix in VIDEOS else found.pictures
    rivals = found.masks if is_mask else found.pictures | found.videos
    if key in rivals:
        return Fault(name, f"has the same name as {name_of(rivals[key])}")
    target[key] = member
    return None


def _by_folder(path: PurePosixPath) -> tuple[bool, PurePosixPath]:
    kept = [part for part, low in zip(path.parts[:-1], _folders(path), strict=True) if low not in (_IMAGES, _MASKS)]
    return _MASKS in _folders(path), PurePosixPath(*kept, path.stem)


def _by_name(path: PurePosixPath) -> tuple[bool, PurePosixPath]:
    is_mask = path.stem.lower().endswith(_MASK_ENDING)
    return is_mask, path.with_name(path.stem[:-len(_MASK_ENDING)] or "_") if is_mask else path.with_suffix("")


def _folders(path: PurePosixPath) -> list[str]:
    return [part.lower() for part in path.parts[:-1]]


def _check_there_are_some(found: Parted, labelled: bool) -> None:
    if not found.pictures and not found.videos and not (labelled and found.masks):
        raise InvalidInput("the zip file holds masks alone" if found.masks else "the zip file holds no pictures")


def _give_frames_their_masks(found: Parted) -> Iterator[Fault]:
    for key in sorted(found.masks.keys() - found.pictures.keys()):
        for video, number in _frames_meant(key):
            if video in found.videos:
                frames, member = found.frames.setdefault(video, {}), found.masks.pop(key)
                if number in frames:
                    yield Fault(name_of(member), f"is for the same frame as {name_of(frames[number])}")
                frames[number] = member
                break


def _frames_meant(key: PurePosixPath) -> Iterator[tuple[PurePosixPath, int]]:
    """clip_000012, clip/000012 and, as answers are called, clip.mp4/000012."""
    if match := _NUMBERED.fullmatch(key.name):
        yield key.with_name(match[1]), int(match[2])
    if _NUMBER.fullmatch(key.name) and key.parent.name:
        yield key.parent, int(key.name)
        if key.parent.suffix.lower() in VIDEOS:
            yield key.parent.with_suffix(""), int(key.name)


def _lonely(found: Parted) -> Iterator[Fault]:
    for key in sorted(found.pictures.keys() - found.masks.keys()):
        yield Fault(name_of(found.pictures[key]), "has no mask")
    for key in sorted(found.videos.keys() - found.frames.keys()):
        yield Fault(name_of(found.videos[key]), "has no mask; that of its frame 12 is called "
                                                f"{shown(key.name)}_000012.png")
    for key in sorted(found.masks.keys() - found.pictures.keys()):
        yield Fault(name_of(found.masks[key]), "is a mask without a picture")


def name_of(member: zipfile.ZipInfo) -> str:
    return shown(str(path_of(member)))


def refuse(faults: list[Fault]) -> None:
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise InvalidInput(f"{faults[0].where}: {faults[0].problem}{more}", faults[:MAX_FAULTS])
