"""Which mask belongs to which picture, or to which frame of a video: by their names alone."""
from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from adapters.archive.contents import MAX_FAULTS, path_of, shown
from adapters.archive.outlines import Outlined
from adapters.archive.roles import PICTURES, VIDEOS, Naming, Role, folded, is_beside
from domain.errors import Fault, InvalidInput
from domain.outlines import Outlines

_NUMBERED = re.compile(r"(.+)_([0-9]{1,9})")
_NUMBER = re.compile(r"[0-9]{1,9}")
# Formats of pictures that people have and that are not read, by the words for what to do.
_FOREIGN = {".gif": "GIF", ".heic": "HEIC", ".heif": "HEIF", ".avif": "AVIF", ".jp2": "JPEG 2000", ".dcm": "DICOM",
            ".nii": "NIfTI", ".svg": "SVG", ".psd": "Photoshop", ".npy": "numpy", ".exr": "OpenEXR"}

Files = dict[PurePosixPath, zipfile.ZipInfo]
# Given a file, the outlines in it and what is wrong with them.
OutlinedIn = Callable[[zipfile.ZipInfo], tuple[Sequence[Outlined], Sequence[Fault]]]


@dataclass(frozen=True, slots=True)
class Parted:
    """Each by what it has in common with what belongs to it: the path without the folders' names, _mask and the suffix.
    frames: the masks of a video by the number of their frame. beside: what is neither and does no harm. outlines: of
    pictures that have no mask."""

    pictures: Files = field(default_factory=dict)
    videos: Files = field(default_factory=dict)
    masks: Files = field(default_factory=dict)
    frames: dict[PurePosixPath, dict[int, zipfile.ZipInfo]] = field(default_factory=dict)
    beside: list[zipfile.ZipInfo] = field(default_factory=list)
    outlines: dict[PurePosixPath, Outlines] = field(default_factory=dict)


def parted(members: Iterable[zipfile.ZipInfo], labelled: bool, outlined: OutlinedIn) -> Parted:
    """If `labelled`, every mask has found its place. Raises: InvalidInput naming every file that has none.

    outlined: asked of the files beside the pictures, only where a picture has no mask.
    """
    found, paths = Parted(), {folded(path_of(member)): member for member in members}
    stems = {path.with_suffix("") for path in paths if path.suffix in PICTURES | VIDEOS}
    found.beside.extend(member for path, member in paths.items() if is_beside(path, stems))
    seen = {path: member for path, member in paths.items() if not is_beside(path, stems)}
    faults = [foreign(path, member) for path, member in seen.items() if path.suffix not in PICTURES | VIDEOS]
    refuse(faults + _placed(found, {path: member for path, member in seen.items()
                                    if path.suffix in PICTURES | VIDEOS}))
    _check_there_are_some(found, labelled)
    if labelled:
        refuse([*_give_frames_their_masks(found), *_give_pictures_their_outlines(found, outlined)])
        refuse(list(_lonely(found)))
    return found


def _give_pictures_their_outlines(found: Parted, outlined: OutlinedIn) -> Iterator[Fault]:
    if not found.pictures.keys() - found.masks.keys():
        return
    keys = _keys_by_path(found)
    for member in list(found.beside):
        known, faults = outlined(member)
        yield from faults
        used = bool(faults)
        for one in known:
            key = next((keys[path] for path in one.wanted if path in keys), None)
            if key in found.masks:
                continue  # drawn already, which is nearer to what is meant
            used = True
            if fault := _give_outlines(found, key, one):
                yield fault
        if used:
            found.beside.remove(member)


def _give_outlines(found: Parted, key: PurePosixPath | None, one: Outlined) -> Fault | None:
    if key is None:
        itself = one.picture == one.outlines.file
        return Fault(shown(one.picture), "outlines a picture that is not in the zip file" if itself else
                     f"is outlined in {one.outlines.file} and not in the zip file")
    if key in found.outlines:
        return Fault(name_of(found.pictures[key]), f"is outlined in {found.outlines[key].file} and in "
                                                   f"{one.outlines.file}")
    found.outlines[key] = one.outlines
    return None


def _keys_by_path(found: Parted) -> dict[PurePosixPath, PurePosixPath]:
    """Of the pictures, by their path without suffix and, where only one has it, by any end of that."""
    ends: dict[PurePosixPath, list[PurePosixPath]] = {}
    for key, member in found.pictures.items():
        parts = folded(path_of(member)).with_suffix("").parts
        for start in range(len(parts)):
            ends.setdefault(PurePosixPath(*parts[start:]), []).append(key)
    return {path: keys[0] for path, keys in ends.items() if len(keys) == 1}


def foreign(path: PurePosixPath, member: zipfile.ZipInfo) -> Fault:
    """What is neither a picture nor a video. path: folded."""
    if kind := _FOREIGN.get(path.suffix):
        return Fault(name_of(member), f"is a {kind} file; save it as PNG")
    return Fault(name_of(member), "is no picture, and no video that is known (mp4, avi, webm)")


def _placed(found: Parted, files: Files) -> list[Fault]:
    """The pictures and videos first, as they decide what the name of a mask means."""
    naming = Naming(files)
    roles = {path: naming.role(path) for path in files}
    ordered = sorted(files, key=lambda path: roles[path].is_mask)
    return [fault for path in ordered if (fault := _place(found, roles[path], path, files[path]))]


def _place(found: Parted, role: Role, path: PurePosixPath, member: zipfile.ZipInfo) -> Fault | None:
    if role.is_mask and path.suffix in VIDEOS:
        return Fault(name_of(member), "is a video; masks are pictures, one for each labelled frame")
    target = found.masks if role.is_mask else found.videos if path.suffix in VIDEOS else found.pictures
    rivals: Mapping[PurePosixPath, zipfile.ZipInfo] = found.masks if role.is_mask else found.pictures | found.videos
    key = _meant(found, role)
    if key in rivals:
        return Fault(name_of(member), f"has the same name as {name_of(rivals[key])}")
    target[key] = member
    return None


def _meant(found: Parted, role: Role) -> PurePosixPath:
    """Of all that the name of a mask may mean the first that is there."""
    def is_there(key: PurePosixPath) -> bool:
        return key in found.pictures or any(video in found.videos for video, _ in _frames_meant(key))

    return next(filter(is_there, role.keys), role.keys[0])


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
    how = "" if found.masks or found.frames else "; its mask has the same name in a folder masks, or _mask at its end"
    for key in sorted(found.pictures.keys() - found.masks.keys() - found.outlines.keys()):
        yield Fault(name_of(found.pictures[key]), f"has no mask{how}")
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
