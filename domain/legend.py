"""What the pixels of a mask mean, as a file beside the masks says it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from domain.labels import Label
from domain.schema import Column

# Names that other tools give to pixels of which nobody has said what they are.
VOID_NAMES = frozenset({"void", "ignore", "ignored", "__ignore__", "unlabeled", "unlabelled"})
BACKGROUND_NAMES = ("background", "_background_", "bg")
# Beyond every pixel value and colour: a class that these masks cannot show.
_NEVER = 1 << 24


@dataclass(frozen=True, slots=True)
class Legend:
    """file: where it stands. values: by the name of the class, the number that pixels of it have; coloured: the numbers
    are colours, 0xRRGGBB."""

    file: str
    values: Mapping[str, int]
    coloured: bool

    @property
    def names(self) -> Mapping[int, str]:
        """By the number; nothing of what nobody has said."""
        return MappingProxyType({value: name for name, value in self.values.items() if value != self.void})

    @property
    def void(self) -> int | None:
        return next((value for name, value in self.values.items() if name.casefold() in VOID_NAMES), None)

    def applied(self, mask: Column, labels: Sequence[Label]) -> Column:
        """The mask of a task with these labels, as it stands in files of this legend; as it is if the legend is of
        other things than the labels."""
        if not {*map(str, labels)} & {*self.values}:
            return mask
        values = tuple(self.values.get(str(label), _NEVER + place) for place, label in enumerate(labels))
        return replace(mask, values=values, channels=3 if self.coloured else 1,
                       void=self.void if self.void not in values else None)


def background_first(names: Sequence[str]) -> tuple[str, ...]:
    """In their order but for the background, which is the first class."""
    first = [name for name in names if name.casefold() in BACKGROUND_NAMES]
    return (*first, *(name for name in names if name not in first))
