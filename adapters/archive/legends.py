"""Tables of colours that other tools put beside their masks."""
from __future__ import annotations

import re
from collections.abc import Iterator

from domain.legend import Legend

# By the usual name of the file.
FILES = {"labelmap.txt", "label_colors.txt", "label_colours.txt", "colormap.txt", "class_dict.csv"}
MAX_BYTES = 64 << 10
_NUMBER = r"\s*([0-9]{1,3})\s*"
_FORMS = (
    re.compile(rf"(?P<name>[^:]+):{_NUMBER},{_NUMBER},{_NUMBER}(?::.*)?"),  # CVAT
    re.compile(rf"{_NUMBER}[\s,]{_NUMBER}[\s,]{_NUMBER}\s(?P<name>.+)"),  # CamVid
    re.compile(rf"(?P<name>[^,]+),{_NUMBER},{_NUMBER},{_NUMBER}"),
)
_HEAD = re.compile(r"name\s*,\s*r\s*,\s*g\s*,\s*b", re.IGNORECASE)


def legend_of(file: str, content: bytes) -> Legend | None:
    """file: its name. None for a text of any other form."""
    try:
        lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        return None
    entries = list(map(_entry, (line for line in lines if line and not line.startswith("#") and not _HEAD.match(line))))
    known = [entry for entry in entries if entry is not None]
    names, colours = {name for name, _ in known}, {colour for _, colour in known}
    if len(known) < 2 or not len(known) == len(entries) == len(names) == len(colours):
        return None
    return Legend(file, dict(known), coloured=True)


def _entry(line: str) -> tuple[str, int] | None:
    for form in _FORMS:
        if match := form.fullmatch(line):
            red, green, blue = _colour(match)
            return (match["name"].strip(), red << 16 | green << 8 | blue) if max(red, green, blue) < 256 else None
    return None


def _colour(match: re.Match[str]) -> Iterator[int]:
    at = match.re.groupindex["name"]
    return (int(group) for number, group in enumerate(match.groups(), start=1) if number != at)
