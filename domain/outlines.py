"""A mask told by the outlines of what is in a picture."""
from __future__ import annotations

from dataclasses import dataclass

from domain.legend import BACKGROUND_NAMES, VOID_NAMES, Legend
from domain.picture import VOID

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """name: of its class. rings: each closes itself, of x to the right and y down, in pixels from the upper left
    corner; together they are what is filled."""

    name: str
    rings: tuple[Ring, ...]


@dataclass(frozen=True, slots=True)
class Outlines:
    """file: where they stand. shapes: later ones lie on top of earlier ones; what none covers is background."""

    file: str
    width: int
    height: int
    shapes: tuple[Shape, ...]

    @property
    def numbers(self) -> dict[str, int]:
        """The number that pixels of each class get in a mask, by its name; the background is 0."""
        names = list(dict.fromkeys(shape.name for shape in self.shapes))
        ground = next((name for name in names if name.casefold() in BACKGROUND_NAMES), BACKGROUND_NAMES[0])
        classes = sorted(name for name in names if name != ground and name.casefold() not in VOID_NAMES)
        void = {name: VOID for name in names if name.casefold() in VOID_NAMES}
        return {ground: 0} | {name: number for number, name in enumerate(classes, start=1)} | void

    @property
    def legend(self) -> Legend:
        return Legend(self.file, self.numbers, coloured=False)
