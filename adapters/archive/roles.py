"""What a file in an archive is for, by its name: a picture, the mask of one, or something beside them."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import PurePosixPath

PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"}
VIDEOS = {".mp4", ".avi", ".webm"}
_TEXTS = {".txt", ".csv", ".tsv", ".md", ".rst", ".json", ".xml", ".yaml", ".yml", ".html", ".htm", ".pdf", ".doc",
          ".docx", ".xlsx", ".log", ".ini", ".cfg", ".toml", ".py", ".ipynb", ".names", ".url", ".lnk"}
_NAMED_TEXTS = {"readme", "license", "licence", "copying", "authors", "changelog", "citation"}
# What labelme, CVAT and Pascal VOC put beside the masks of classes: instances, arrays, colours for eyes.
_BESIDE_FOLDERS = re.compile(r"thumb(nail)?s?|previews?|segmentationobject(png|npy|visualization)?"
                             r"|segmentationclass(npy|visualization)|visuali[sz]ations?")
_BESIDE_ENDING = re.compile(r"(.+)[_\-. ](thumb(?:nail)?|viz|vis)")
_STRONG = r"masks?"
_WEAK = r"labels?|gts?|ground[\W_]*truths?|annotations?|segmentation[\W_]*class(?:es|png)?|segmentations?"
_SEEN = r"images?|imgs?|pictures?|photos?|inputs?|jpegimages"
_STRONG_ENDING = re.compile(r"(.*)_mask")
_ENDING = re.compile(r"(.+)[_\-. ](?:masks?|segmentations?|segs?|gts?|ground[_\- ]?truths?|labels?)")
_WHOLE_MASK, _WHOLE_SEEN = re.compile(f"{_STRONG}|{_WEAK}"), re.compile(_SEEN)


def _around(words: str) -> re.Pattern[str]:
    """Folders that are called by one of these words, or begin or end with it."""
    return re.compile(rf"(?:(?P<before>.*)[\W_])?(?:{words})|(?:{words})[\W_](?P<after>.*)")


_STRONG_FOLDER, _ANY_FOLDER, _SEEN_FOLDER = map(_around, (_STRONG, f"{_STRONG}|{_WEAK}", _SEEN))


def folded(path: PurePosixPath) -> PurePosixPath:
    """The same for names that differ in case or in how Unicode writes an accent."""
    return PurePosixPath(unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(path)).casefold()))


def is_beside(path: PurePosixPath, others: Collection[PurePosixPath]) -> bool:
    """A text, or pictures made of the others. path, others: folded, the latter without suffixes."""
    if path.suffix in _TEXTS or path.name in _NAMED_TEXTS:
        return True
    if any(_BESIDE_FOLDERS.fullmatch(part) for part in path.parts[:-1]):
        return True
    match = _BESIDE_ENDING.fullmatch(path.stem)
    return bool(match) and path.with_name(match[1] if match else "") in others


@dataclass(frozen=True, slots=True)
class Role:
    """keys: what it has in common with what belongs to it; of a mask all that it may mean, the surest first."""

    is_mask: bool
    keys: tuple[PurePosixPath, ...]


class Naming:
    """How one archive tells masks from pictures: by folders if there is one for masks, else by the ends of names.

    paths: of all pictures, videos and masks in it, folded.
    """

    def __init__(self, paths: Iterable[PurePosixPath]) -> None:
        self._paths = list(paths)
        self._stems = {path.with_suffix("") for path in self._paths}
        self._singles = {stem.parent for stem in self._stems if _WHOLE_SEEN.fullmatch(stem.name)} & {
            stem.parent for stem in self._stems if _WHOLE_MASK.fullmatch(stem.name)}
        self._above = self._common_folders()
        self._folder = self._folder_words()
        self._side_by_side = self._folder is not None and self._are_siblings()

    def role(self, path: PurePosixPath) -> Role:
        return self._by_name(path) if self._folder is None else self._by_folder(path, self._folder)

    def _common_folders(self) -> int:
        """How many folders are above all files; they tell nothing, unless they are all there is."""
        shared = len(commonprefix([path.parts[:-1] for path in self._paths]))
        below = [path.parts[shared:-1] for path in self._paths]
        told = any(_ANY_FOLDER.fullmatch(part) for parts in below for part in parts) or any(
            _STRONG_ENDING.fullmatch(path.stem) for path in self._paths)
        return shared if told else 0

    def _folder_words(self) -> re.Pattern[str] | None:
        folders = {part for path in self._paths for part in self._folders(path)}
        return next((words for words in (_STRONG_FOLDER, _ANY_FOLDER) if any(map(words.fullmatch, folders))), None)

    def _folders(self, path: PurePosixPath) -> tuple[str, ...]:
        return path.parts[self._above:-1]

    def _is_in_masks(self, path: PurePosixPath, words: re.Pattern[str]) -> bool:
        return any(map(words.fullmatch, self._folders(path)))

    def _are_siblings(self) -> bool:
        """One folder of pictures beside one of masks: whatever they are called, files of one name belong together."""
        assert self._folder is not None
        folders: tuple[set[PurePosixPath], set[PurePosixPath]] = set(), set()
        for path in self._paths:
            folders[self._is_in_masks(path, self._folder)].add(path.parent)
        return all(len(found) == 1 for found in folders) and len(
            {folder.parent for found in folders for folder in found}) == 1

    def _by_folder(self, path: PurePosixPath, words: re.Pattern[str]) -> Role:
        is_mask = self._is_in_masks(path, words)
        kept = [] if self._side_by_side else [
            rest for part in self._folders(path) if (rest := _without(part, words if is_mask else _SEEN_FOLDER))]
        names = [path.stem]
        if is_mask and (match := _ENDING.fullmatch(path.stem)):
            names.append(match[1])
        return Role(is_mask, tuple(PurePosixPath(*kept, name) for name in names))

    def _by_name(self, path: PurePosixPath) -> Role:
        if match := _STRONG_ENDING.fullmatch(path.stem):
            return Role(True, (path.with_name(match[1] or "_"),))
        match = _ENDING.fullmatch(path.stem)
        if match and path.with_name(match[1]) in self._stems:
            return Role(True, (path.with_name(match[1]),))
        return self._by_whole_name(path)

    def _by_whole_name(self, path: PurePosixPath) -> Role:
        """A folder for each picture, with image.png and mask.png in it."""
        is_mask = bool(_WHOLE_MASK.fullmatch(path.stem))
        if path.parent.name and path.parent in self._singles and (is_mask or _WHOLE_SEEN.fullmatch(path.stem)):
            return Role(is_mask, (path.parent,))
        return Role(False, (path.with_suffix(""),))


def _without(folder: str, words: re.Pattern[str]) -> str:
    """What is left of the name of a folder, nothing of one that says no more than what it is for."""
    match = words.fullmatch(folder)
    return folder if match is None else (match["before"] or match["after"] or "").strip("_-. ")
