"""The columns of a tabular task: which there are, what they hold and what they are for."""
from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from domain.columns import RULES, ColumnType
from domain.columns.rules import ColumnRules
from domain.errors import Fault, InvalidInput

# A file of labels may say by this column to which earlier answer each of them belongs.
REQUEST_ID = "request_id"
MAX_REQUEST_ID_CHARS = 128
# And by this one to which row of it, counted from 1.
ROW_NO = "row_no"


# The model file's outputs have these names, so no input can.
RESERVED = frozenset({"prediction", "probabilities"})


class Role(StrEnum):
    FEATURE = "feature"
    TARGET = "target"
    # Stored with every labelled row and used to split the data, never seen by the model (a time, a group).
    SPLIT = "split"
    # Accepted so that a file need not be edited first, then dropped (an id, a constant).
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    missing: texts that mean "no value", beside the empty one. A number column knows the usual ones by itself, as pandas
    does, and may have further ones in a CSV; in a category "None" or "NA" may be a real value, so there it is said per
    column.
    channels, bits: of a picture, 1 (grey) or 3 (red, green, blue) of 8 or 16 bits each.
    digits: of a category that holds codes, whole numbers that name things: the width that they are filled to with zeros
    in front (00501 is 5 wide), 0 for none. Then 501, 501.0 and "00501" are one value; None: a text is what it is.
    day_first: of a date that has its year last, 31/12/2024: whether the day comes first; None: such dates were not
    seen, and are not taken. ISO 8601 always is.
    values: of a mask, the pixel value that stands for each of the task's labels, in their order; empty for 0, 1, 2, ...
    Of a mask in colour (channels 3) they are colours, 0xRRGGBB.
    void: of a mask, the value of pixels that are neither trained on nor judged; None if every pixel counts.
    since: the schema version that took it in; rows that were stored before have no value there.
    rules: those of its type.
    """

    name: str
    type: ColumnType
    role: Role = Role.FEATURE
    nullable: bool = True
    missing: tuple[str, ...] = ()
    private: bool = False
    description: str = ""
    channels: int = 1
    bits: int = 8
    digits: int | None = None
    day_first: bool | None = None
    values: tuple[int, ...] = ()
    void: int | None = None
    since: int = 1
    rules: ColumnRules = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", RULES[self.type])


@dataclass(frozen=True)
class Schema:
    """Columns in the order in which the model takes them."""

    columns: tuple[Column, ...]
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {column.name: column for column in self.columns})
        if faults := _schema_faults(self.columns):
            raise InvalidInput("the schema cannot be used", faults)

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def of(self, *roles: Role) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.role in roles)

    @cached_property
    def features(self) -> tuple[Column, ...]:
        return self.of(Role.FEATURE)

    @cached_property
    def target(self) -> Column:
        return self.of(Role.TARGET)[0]

    @cached_property
    def spare_names(self) -> frozenset[str]:
        """Columns that may come with a row although the model does not take them."""
        unused = self.of(Role.TARGET, Role.SPLIT, Role.IGNORED)
        return frozenset(column.name for column in unused) | {REQUEST_ID, ROW_NO}

    @cached_property
    def shown_names(self) -> tuple[str, ...]:
        """Of the features: those that may be kept with an answer."""
        return tuple(column.name for column in self.features if not column.private)

    @cached_property
    def stored(self) -> tuple[Column, ...]:
        """What a dataset version keeps of every row."""
        return self.of(Role.FEATURE, Role.SPLIT, Role.TARGET)


def _schema_faults(columns: tuple[Column, ...]) -> list[Fault]:
    faults = []
    names = [column.name for column in columns]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.append(Fault(f"column {name}", "is named twice"))
    if any(not name for name in names):
        faults.append(Fault("columns", "a column has no name"))
    targets = [column.name for column in columns if column.role is Role.TARGET]
    if len(targets) != 1:
        faults.append(Fault("columns", f"exactly one column has the role target, here {len(targets)}"))
    for column in columns:
        if column.role is Role.FEATURE and column.name in RESERVED:
            faults.append(Fault(f"column {column.name}", "has the name of an answer; rename it or ignore it"))
    if not any(column.role is Role.FEATURE for column in columns):
        faults.append(Fault("columns", "at least one column has the role feature"))
    return faults
