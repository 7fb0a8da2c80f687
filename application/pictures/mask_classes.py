"""Which classes the masks of many pictures show, found out while they pass by."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from application.pictures.picture_rows import refused
from application.ports.picture_codec import MaskFacts
from domain.cells import unusable
from domain.errors import Fault, InvalidInput
from domain.kinds.answers import MAX_MASK_CLASSES
from domain.labels import Label
from domain.legend import Legend, background_first
from domain.picture import task_of_pictures
from domain.schema import Column

# As Pascal VOC, labelme and Cityscapes write pixels of which nobody has said what they are.
_VOID = 255
# Beside numbers below this one 255 is such a pixel; beside larger ones it is a shade of grey.
_NUMBERS = 64
_WHITE = 0xFFFFFF


@dataclass(frozen=True, slots=True)
class MaskClasses:
    """labels: the background first. values, coloured, void: as a column of masks has them; why: in words, if there is
    something to tell."""

    labels: tuple[Label, ...]
    values: tuple[int, ...]
    coloured: bool = False
    void: int | None = None
    why: str = ""

    def columns(self, channels: int, bits: int) -> tuple[Column, Column]:
        """Of a task. channels, bits: of its pictures."""
        return task_of_pictures(channels, bits, self.values, 3 if self.coloured else 1, self.void, self.why)


@dataclass(slots=True)
class MaskClassesSeen:
    """seen: by what masks hold, the name of the first of them; of colours and numbers apart, as of names."""

    numbers: dict[tuple[int, ...], str] = field(default_factory=dict)
    colours: dict[tuple[int, ...], str] = field(default_factory=dict)
    black_and_white: dict[tuple[int, ...], str] = field(default_factory=dict)
    legends: dict[tuple[tuple[str, int], ...], Legend] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    repaired: int = 0

    def add(self, mask: str, facts: MaskFacts, legend: Legend | None = None) -> None:
        """mask: its name. Raises: InvalidInput."""
        self.repaired += facts.repaired
        if legend is not None:
            return self._add_names(mask, facts, legend)
        kept = self.colours if facts.coloured else self.black_and_white if facts.bits == 1 else self.numbers
        if facts.values in kept:
            return None
        kept[facts.values] = mask
        if len(_all_of(self.numbers, self.colours)) > MAX_MASK_CLASSES + 1:
            raise refused(mask, f"makes more than {MAX_MASK_CLASSES} different values in the masks so far; "
                                "each is taken for a class")
        return None

    def found(self) -> MaskClasses:
        """Raises: InvalidInput if they do not go together, or are too many or too few."""
        nameless = [*self.numbers.values(), *self.colours.values(), *self.black_and_white.values()]
        found = self._named() if self.names else self._nameless()
        if self.names and nameless:
            found = self._joined(found, nameless[0])
        _check_count(found)
        return found

    def _nameless(self) -> MaskClasses:
        return self._coloured() if self.colours else self._numbered()

    def _joined(self, named: MaskClasses, other: str) -> MaskClasses:
        """Masks with names for their classes and masks without: only of one class and its background it is known which
        is which. other: a mask without. Raises: InvalidInput."""
        nameless = self._nameless()
        if nameless.labels == (0,) and named.values[:1] in ((), (0,)):
            return named
        if len(named.labels) != 2 or len(nameless.labels) != 2 or nameless.coloured:
            raise refused(other, "has no names for its classes, as other masks have; send the two kinds apart")
        return replace(nameless, labels=named.labels,
                       why=f"{_shown(nameless.values[1], False)} in masks without names is {named.labels[1]}, the one "
                           "class of the others")

    def _add_names(self, mask: str, facts: MaskFacts, legend: Legend) -> None:
        self.legends.setdefault(tuple(legend.values.items()), legend)
        for value in facts.values:
            if value == legend.void:
                continue
            if value not in legend.names:
                raise refused(mask, f"holds {_shown(value, legend.coloured)}, for which {legend.file} has no name")
            self.names.setdefault(legend.names[value], mask)
        if faults := [Fault(legend.file, f"the name {name!r} {unusable(name)}") for name in self.names
                      if unusable(name)]:
            raise InvalidInput(f"{faults[0].where}: {faults[0].problem}", faults)

    def _named(self) -> MaskClasses:
        order = list(dict.fromkeys(name for legend in self.legends.values() for name in legend.values))
        labels = background_first([name for name in order if name in self.names])
        if len(self.legends) > 1:  # each has numbers of its own, which are translated when a mask is read
            return MaskClasses(labels, (), why="classes by their names in the files beside the pictures")
        legend, = self.legends.values()
        values = tuple(legend.values[label] for label in labels)
        return MaskClasses(labels, values, legend.coloured, legend.void, f"classes by their names in {legend.file}"
                           + ("; what is called void is neither trained on nor judged" if legend.void is not None
                              else ""))

    def _coloured(self) -> MaskClasses:
        values = {value for held in self.colours for value in held}
        values |= {value * 0x010101 for held in self.numbers for value in held if value < 256}
        values |= {value * _WHITE for held in self.black_and_white for value in held}
        ordered = tuple(sorted(values))
        return MaskClasses(tuple(_shown(value, True) for value in ordered), ordered, True,
                           why=f"each of the {len(ordered)} colours is a class; a table of colours beside the masks "
                               "(labelmap.txt) gives them names")

    def _numbered(self) -> MaskClasses:
        white = 1 if 1 in _all_of(self.numbers) or not self.numbers else _VOID
        values = _all_of(self.numbers) | {value * white for held in self.black_and_white for value in held}
        void = self._void(values)
        labels = tuple(sorted(values - {void}))
        return MaskClasses(labels, labels, False, void, "; ".join(self._told(void)))

    def _void(self, values: set[int]) -> int | None:
        """Raises: InvalidInput where 255 may be this or that."""
        others = values - {_VOID}
        if _VOID not in values or len(others) < 2 or max(others) >= _NUMBERS:
            return None
        doubtful = [mask for held, mask in self.numbers.items() if _VOID in held and 1 not in held]
        if others == {0, 1} and doubtful and not any({1, _VOID} <= {*held} for held in self.numbers):
            plain = next(mask for held, mask in self.numbers.items() if 1 in held)
            raise refused(doubtful[0], f"holds 255 where {plain} holds 1; save all masks with the same numbers")
        return _VOID

    def _told(self, void: int | None) -> Iterator[str]:
        if void is not None:
            yield "255 beside small numbers is void: neither trained on nor judged"
        if self.repaired:
            yield f"{self.repaired} JPEG masks were brought to black and white"


def _check_count(found: MaskClasses) -> None:
    if len(found.labels) > MAX_MASK_CLASSES:
        raise InvalidInput(f"the masks hold {len(found.labels)} classes; {MAX_MASK_CLASSES} are allowed")
    if len(found.labels) < 2:
        raise InvalidInput(f"all pixels of all masks are {', '.join(map(str, found.labels))}; "
                           "there is nothing to learn")


def _all_of(*kept: Mapping[tuple[int, ...], str]) -> set[int]:
    return {value for each in kept for held in each for value in held}


def _shown(value: int, coloured: bool) -> str:
    return f"#{value:06x}" if coloured else str(value)
