"""From a table as text to a task: what a careful data scientist would write down after a look at the columns."""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np

from domain.cells import describe
from domain.column_profile import MAX_WORDS, NONE, ColumnProfile
from domain.columns import ColumnType
from domain.columns.boolean import is_pair
from domain.columns.category import is_code, recoded
from domain.errors import Fault, InvalidInput
from domain.kinds.answers import MAX_CLASSES
from domain.kinds.kind import Kind, Problem
from domain.labels import Label
from domain.schema import REQUEST_ID, RESERVED, Column, Role, Schema
from domain.task import MAX_PREFIX_CHARS, NAME, Split, Task

# The different values that are remembered, over all columns: some 200 MB at the very most.
MAX_DISTINCT = 2_000_000
MAX_DISTINCT_OF_COLUMN = 20_000
NEARLY_ALL = 0.95
# Below this many rows all-different texts may be different by chance.
ENOUGH_ROWS = 20
MAX_INTEGER_CLASSES = 20
MAX_MISSING_WORDS = 5
_DAY_CHARS = len("2013-12-31")


@dataclass(frozen=True, slots=True)
class TableWish:
    """What the owner of a table says of it. problem: None if the target is to tell."""

    name: str
    target: str
    problem: Problem | None = None
    split_by: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What was seen of a column. missing: share of the rows without a value. distinct_is_exact: else there are more."""

    column: Column
    missing: float
    distinct: int
    distinct_is_exact: bool


@dataclass(frozen=True, slots=True)
class InferredTask:
    """rows_without_target: rows that cannot be learned from."""

    task: Task
    columns: tuple[ColumnFacts, ...]
    rows: int
    rows_without_target: int


class TableProfile:
    """The columns of a table, profiled while its rows pass by."""

    def __init__(self, names: Sequence[str]) -> None:
        limit = min(MAX_DISTINCT_OF_COLUMN, MAX_DISTINCT // max(len(names), 1))
        self.columns = {name: ColumnProfile(name, limit) for name in names}

    def add(self, cells: Mapping[str, Sequence[str]]) -> None:
        for name, profile in self.columns.items():
            profile.add(cells[name])

    @property
    def rows(self) -> int:
        return next((profile.rows for profile in self.columns.values()), 0)


def check_names(names: Iterable[str], wish: TableWish) -> None:
    """Raises: InvalidInput if the target or the column to split by is not among them, or no task can have the name."""
    names, faults = list(names), []
    if not NAME.fullmatch(wish.name):
        faults.append(Fault("name", "is a lower-case letter, then letters, digits and _, 40 characters at most"))
    for what, name in (("target", wish.target), ("split by", wish.split_by)):
        if name is not None and name not in names:
            faults.append(Fault(what, f"there is no column {describe(name)}; {_nearest(name, names)}"))
    if wish.split_by == wish.target:
        faults.append(Fault("split by", "the target cannot be what the rows are split by"))
    if wish.target == REQUEST_ID:
        faults.append(Fault("target", f"{REQUEST_ID} is the name of a column that late labels come with"))
    if faults:
        raise InvalidInput(f"{faults[0].where}: {faults[0].problem}", faults)


def infer_task(table: TableProfile, wish: TableWish) -> InferredTask:
    """Raises: InvalidInput if there are no rows, nothing to learn from, or a target that is none."""
    check_names(table.columns, wish)
    if not table.rows:
        raise InvalidInput("there are no rows")
    problem, labels, target = _target(table.columns[wish.target], wish.problem)
    columns = _columns(table, wish, target)
    split = Split(by=wish.split_by, prefix_chars=_prefix(table, wish))
    task = Task(wish.name, Kind.TABULAR, problem, Schema(columns), labels, split)
    facts = tuple(_facts(table.columns[column.name], column) for column in columns)
    return InferredTask(task, facts, table.rows, table.columns[wish.target].missing_in(target))


def _nearest(name: str, names: Sequence[str]) -> str:
    by_lower = {known.lower().strip(): known for known in names}
    close = [by_lower[found] for found in get_close_matches(name.lower().strip(), by_lower, n=3, cutoff=0.5)]
    if close:
        return f"did you mean {' or '.join(map(describe, close))}?"
    return f"there are {', '.join(names[:20])}{', ...' if len(names) > 20 else ''}"


# --- the target

_LABEL = re.compile(r"(0|-?[1-9]\d{0,17})(\.0)?")


def _target(profile: ColumnProfile, wanted: Problem | None) -> tuple[Problem, tuple[Label, ...], Column]:
    if not profile.known:
        raise _bad_target(profile, "has no value in any row")
    if wanted is None and _is_written_oddly(profile):
        raise _bad_target(profile, "has numbers with commas, signs or units, such as "
                          f"{describe(next(iter(profile.words)))}: write 1234.5; or say problem: multiclass, if each "
                          "of them is a class")
    problem = wanted or (Problem.REGRESSION if _is_quantity(profile) else None)
    if problem is Problem.REGRESSION:
        return problem, (), _number_target(profile)
    column = Column(profile.name, ColumnType.CATEGORY, Role.TARGET, nullable=False, missing=_missing_words(profile))
    labels = _labels(profile, column)
    if wanted is None and len(labels) > 2 and isinstance(labels[0], int):
        column = replace(column, description="few whole numbers, taken as classes; say problem: regression to estimate "
                                             "a number")
    found = Problem.BINARY if len(labels) == 2 else Problem.MULTICLASS
    if problem is not None and problem is not found:
        raise _bad_target(profile, f"has {len(labels)} classes, which is no {problem} problem")
    return found, labels, column


def _is_written_oddly(profile: ColumnProfile) -> bool:
    """A person reads numbers, a program texts."""
    numbers = profile.share("punctuated number") + profile.share("number")
    return profile.kinds["punctuated number"] > 0 and numbers >= NEARLY_ALL


def _is_quantity(profile: ColumnProfile) -> bool:
    """Numbers to be estimated; a few whole ones are classes, and so are texts."""
    if not _is_number(profile) or (profile.words and profile.distinct <= MAX_INTEGER_CLASSES):
        return False
    whole = profile.kinds["integer"] == profile.kinds["number"]
    few = profile.distinct <= max(2, min(MAX_INTEGER_CLASSES, profile.known // 10))
    return not (whole and few)


def _number_target(profile: ColumnProfile) -> Column:
    if not _is_number(profile):
        words = ", ".join(describe(word) for word in list(profile.words)[:3])
        raise _bad_target(profile, f"has values that are no numbers, such as {words or 'codes that begin with 0'}")
    if len({np.float32(value) for value in profile.values if value not in profile.words}) < 2:
        raise _bad_target(profile, "has the same value in all rows; there is nothing to learn")
    return Column(profile.name, ColumnType.NUMBER, Role.TARGET, nullable=False, missing=tuple(sorted(profile.words)))


def _labels(profile: ColumnProfile, column: Column) -> tuple[Label, ...]:
    values = profile.values + [NONE] * (NONE in profile.missing and NONE not in column.missing)
    if not profile.is_exact or len(values) > MAX_CLASSES or len(profile.values) < profile.distinct:
        raise _bad_target(profile, f"has more than {MAX_CLASSES} different values" if len(values) > MAX_CLASSES
                          else "has values too long to be classes")
    if len(values) == profile.known > 2:
        raise _bad_target(profile, "has another value in each row, so there are no classes to learn")
    labels: Sequence[Label] = sorted(values)
    if all(map(_LABEL.fullmatch, values)):
        labels = sorted({int(float(value)) if value.endswith(".0") else int(value) for value in values})
    if len(labels) < 2:
        raise _bad_target(profile, f"is {describe(labels[0])} in all rows; there is nothing to learn")
    return tuple(labels)


def _bad_target(profile: ColumnProfile, problem: str) -> InvalidInput:
    return InvalidInput(f"the target {profile.name} {problem}", [Fault(f"column {profile.name}", problem)])


# --- the other columns


def _columns(table: TableProfile, wish: TableWish, target: Column) -> tuple[Column, ...]:
    given = {wish.target: target}
    if wish.split_by is not None:
        given[wish.split_by] = _split_column(table.columns[wish.split_by])
    columns = [given.get(name) or _column(profile) for name, profile in table.columns.items()]
    if not any(column.role is Role.FEATURE for column in columns):
        # All that was put in to learn from may well look like a key.
        columns = [given.get(name) or _column(profile, keys=True) for name, profile in table.columns.items()]
    if not any(column.role is Role.FEATURE for column in columns):
        raise InvalidInput("no column is left to learn from", [
            Fault(f"column {column.name}", column.description) for column in columns if column.role is Role.IGNORED])
    return tuple(columns)


def _split_column(profile: ColumnProfile) -> Column:
    if profile.distinct < 3:
        raise InvalidInput(f"the column {profile.name} makes {profile.distinct} groups; three are needed at least, to "
                           "train, to stop and to judge", [Fault("split by", "makes too few groups")])
    return Column(profile.name, ColumnType.CATEGORY, Role.SPLIT,
                  description="rows of one group stay together when some are held out")


def _prefix(table: TableProfile, wish: TableWish) -> int:
    """Rows of a day stay together; any other group goes by its whole name."""
    if wish.split_by is None:
        return Split().prefix_chars
    days = table.columns[wish.split_by].share("ISO date") >= NEARLY_ALL
    return _DAY_CHARS if days else MAX_PREFIX_CHARS


def _column(profile: ColumnProfile, keys: bool = False) -> Column:
    """keys: take a column that looks like a key as well."""
    reason = _useless(profile) or (None if keys else _key(profile))
    if reason:
        return Column(profile.name, ColumnType.CATEGORY, Role.IGNORED, description=reason)
    if _is_number(profile) and not _names_things(profile):
        column = Column(profile.name, ColumnType.NUMBER, missing=tuple(sorted(profile.words)),
                        description=_words_told(profile))
    elif is_pair(set(profile.words)) and not profile.kinds["number"]:
        column = Column(profile.name, ColumnType.BOOLEAN)
    else:
        column = Column(profile.name, ColumnType.CATEGORY, missing=_missing_words(profile), digits=_digits(profile),
                        description=_category_told(profile))
    return column


def _digits(profile: ColumnProfile) -> int | None:
    if profile.are_codes:
        return profile.width
    return 0 if _names_things(profile) else _digits_among_words(profile)


def _digits_among_words(profile: ColumnProfile) -> int | None:
    """Of whole numbers among other words, as in 1, 2, 3+, which a file without those words has as 1.0, 2.0. Where one
    of them would be written in another way than it is, each stays what it is."""
    codes = list(filter(is_code, profile.values)) if profile.is_exact else []
    digits = max(map(len, codes)) if any(code[0] == "0" < code for code in codes) else 0
    return digits if codes and all(recoded(code, digits) == code for code in codes) else None


def _is_number(profile: ColumnProfile) -> bool:
    """Numbers, apart from a few words that come again and again in their place."""
    few_words = len(profile.words) <= MAX_MISSING_WORDS and (
        profile.share("number") >= 0.8 or profile.words_mean_missing)
    return profile.kinds["number"] > 0 and not profile.are_codes and (not profile.words or few_words)


def _useless(profile: ColumnProfile) -> str | None:
    if profile.name in RESERVED:
        return "reserved: an answer has this name; rename the column to use it"
    if profile.name == REQUEST_ID:
        return "reserved: names the earlier answer that a row is the label of"
    if not profile.known:
        return "empty: no row has a value"
    if profile.distinct == 1 and not profile.missing:
        return f"constant: {describe(profile.values[0]) if profile.values else 'one long text'} in every row"
    if max(profile.share("date"), profile.share("day")) >= NEARLY_ALL:
        return "date: may part the rows (split by), but is nothing to learn from as it is"
    if profile.share("written number") >= NEARLY_ALL and profile.distinct > MAX_WORDS:
        return (f"numbers with commas, signs or units, such as {describe(next(iter(profile.words)))}: "
                "write 1234.5 to use them")
    return None


def _key(profile: ColumnProfile) -> str | None:
    """Why the values tell one row from the other and nothing else."""
    if profile.is_row_number and profile.rows > 1:
        return "row number: 0, 1, 2, ... or 1, 2, 3, ..."
    whole = profile.kinds["integer"] == profile.known
    if profile.is_all_different and (whole or profile.words) and _last_word(profile.name) in _KEYS:
        return "id: another value in each row"
    if profile.known < ENOUGH_ROWS or (_is_number(profile) or whole and not profile.are_codes):
        return None
    different = profile.distinct / profile.counted
    if profile.share("sentence") >= 0.5 and different >= 0.5:
        return "free text"
    return "id or name: another value in nearly each row" if different >= NEARLY_ALL else None


_THINGS = frozenset({"id", "ids", "pid", "uid", "uuid", "guid", "rowid", "identifier", "code", "zip", "postcode", "ид",
                     "код", "индекс"})
_KEYS = _THINGS | {"key", "index", "idx", "nr", "no", "num", "number", "номер", "№", "#"}
_NAME_WORDS = re.compile(r"[A-ZА-ЯЁ]+(?![a-zа-яё])|[A-ZА-ЯЁ]?[a-zа-яё]+|№|#")


def _last_word(name: str) -> str:
    """customerID, Passenger Id, row_id -> id"""
    words = _NAME_WORDS.findall(name)
    return words[-1].lower() if words else ""


def _names_things(profile: ColumnProfile) -> bool:
    """Whole numbers that are names: to be a little more means nothing."""
    return (profile.kinds["integer"] == profile.kinds["number"] and not profile.words
            and _last_word(profile.name) in _THINGS)


def _missing_words(profile: ColumnProfile) -> tuple[str, ...]:
    return tuple(sorted(word for word in profile.missing if word not in ("", NONE)))


def _words_told(profile: ColumnProfile) -> str:
    if not profile.words:
        return ""
    words = ", ".join(map(describe, sorted(profile.words)))
    return f"{profile.words.total()} rows hold {words}, taken as missing"


def _category_told(profile: ColumnProfile) -> str:
    if profile.are_codes:
        return "codes, as they begin with 0"
    if _names_things(profile):
        return "numbers that name things"
    if profile.kinds["number"] and profile.words:
        return (f"mixed: {profile.kinds['number']} of {profile.known} values are numbers, others are "
                f"{', '.join(map(describe, list(profile.words)[:3]))}")
    return ""


def _facts(profile: ColumnProfile, column: Column) -> ColumnFacts:
    return ColumnFacts(column, profile.missing_in(column) / profile.rows, profile.distinct, profile.is_exact)
