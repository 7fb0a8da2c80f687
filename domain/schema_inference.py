"""From a table as text to a task: what a careful data scientist would write down after a look at the columns."""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from domain.cells import describe
from domain.column_profile import MAX_WORDS, NEARLY_ALL, PLACEHOLDERS, ColumnProfile
from domain.columns import ColumnType
from domain.columns.boolean import is_pair
from domain.columns.category import is_code, recoded
from domain.errors import Fault, InvalidInput
from domain.explaining import explanation_names
from domain.kinds.kind import Kind, Problem
from domain.labels import Label
from domain.reading import SURE, Reading, reading_of, reading_of_target
from domain.schema import REQUEST_ID, RESERVED, Column, Role, Schema
from domain.target_inference import MAX_MISSING_WORDS, is_number, missing_words, target_of
from domain.task import MAX_PREFIX_CHARS, NAME, Split, Task

# The different values that are remembered, over all columns: some 200 MB at the very most.
MAX_DISTINCT = 2_000_000
MAX_DISTINCT_OF_COLUMN = 20_000
# Below this many rows all-different texts may be different by chance.
ENOUGH_ROWS = 20
_ANSWER = "answer of a model, as is the column prediction"
# More different ones are no categories, however often each comes.
MANY_SENTENCES = 1_000
_DAY_CHARS = len("2013-12-31")


@dataclass(frozen=True, slots=True)
class TableWish:
    """What the owner of a table says of it. problem: None if the target is to tell."""

    name: str
    target: str
    problem: Problem | None = None
    split_by: str | None = None
    split_by_time: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What was seen of a column. missing: share of the rows without a value. distinct_is_exact: else there are more.
    examples: a few of its values. reading: how sure it is that the column is what it was taken for."""

    column: Column
    missing: float
    distinct: int
    distinct_is_exact: bool
    examples: tuple[str, ...]
    reading: Reading


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
    splits = {"split by": wish.split_by, "split by time": wish.split_by_time}
    for what, name in {"target": wish.target, **splits}.items():
        if name is not None and name not in names:
            faults.append(Fault(what, f"there is no column {describe(name)}; {_nearest(name, names)}"))
    faults += [Fault(what, "the target cannot be what the rows are split by")
               for what, name in splits.items() if name == wish.target]
    if None not in splits.values():
        faults.append(Fault("split by time", "rows are parted by time or by groups, not by both"))
    if wish.target == REQUEST_ID:
        faults.append(Fault("target", f"{REQUEST_ID} is the name of a column that late labels come with"))
    if faults:
        raise InvalidInput(f"{faults[0].where}: {faults[0].problem}", faults)


def infer_task(table: TableProfile, wish: TableWish) -> InferredTask:
    """Raises: InvalidInput if there are no rows, nothing to learn from, or a target that is none."""
    check_names(table.columns, wish)
    if not table.rows:
        raise InvalidInput("there are no rows")
    problem, labels, target = target_of(table.columns[wish.target], wish.problem)
    columns = _without_answers(_columns(table, wish, target), labels)
    split = Split(by=wish.split_by, by_time=wish.split_by_time, prefix_chars=_prefix(table, wish))
    task = Task(wish.name, Kind.TABULAR, problem, Schema(columns), labels, split)
    readings = {wish.target: reading_of_target(table.columns[wish.target], target, problem, labels,
                                               said=wish.problem is not None)}
    facts = tuple(_facts(table.columns[column.name], column, readings.get(column.name)) for column in columns)
    return InferredTask(task, facts, table.rows, table.columns[wish.target].missing_in(target))


def columns_of(table: TableProfile) -> tuple[ColumnFacts, ...]:
    """What each column would be beside another one as the target; empty where there are no rows."""
    return tuple(_facts(profile, _column(profile), None) for profile in table.columns.values() if profile.rows)


def _nearest(name: str, names: Sequence[str]) -> str:
    by_lower = {known.lower().strip(): known for known in names}
    close = [by_lower[found] for found in get_close_matches(name.lower().strip(), by_lower, n=3, cutoff=0.5)]
    if close:
        return f"did you mean {' or '.join(map(describe, close))}?"
    return f"there are {', '.join(names[:20])}{', ...' if len(names) > 20 else ''}"


def _columns(table: TableProfile, wish: TableWish, target: Column) -> tuple[Column, ...]:
    given = {wish.target: target}
    if wish.split_by is not None:
        given[wish.split_by] = _split_column(table.columns[wish.split_by])
    if wish.split_by_time is not None:
        given[wish.split_by_time] = _time_column(table.columns[wish.split_by_time])
    columns = [given.get(name) or _column(profile) for name, profile in table.columns.items()]
    if not any(column.role is Role.FEATURE for column in columns):
        # All that was put in to learn from may well look like a key.
        columns = [given.get(name) or _column(profile, keys=True) for name, profile in table.columns.items()]
    if not any(column.role is Role.FEATURE for column in columns):
        raise InvalidInput("no column is left to learn from", [
            Fault(f"column {column.name}", column.description) for column in columns if column.role is Role.IGNORED])
    return tuple(columns)


def _without_answers(columns: Sequence[Column], labels: Sequence[Label]) -> tuple[Column, ...]:
    """A table that a model answered has its answers beside the target, and nobody has them when the next one asks."""
    names, answers = {column.name for column in columns}, {f"probability_{label}" for label in labels}
    if not {*answers, "prediction"} <= names:
        return tuple(columns)
    base, *contributions = explanation_names(names)
    if base in names:
        answers |= {base, *contributions}
    return tuple(Column(column.name, ColumnType.CATEGORY, Role.IGNORED, description=_ANSWER)
                 if column.name in answers and column.role is Role.FEATURE else column for column in columns)


def _split_column(profile: ColumnProfile) -> Column:
    if profile.distinct < 3:
        raise InvalidInput(f"the column {profile.name} makes {profile.distinct} groups; three are needed at least, to "
                           "train, to stop and to judge", [Fault("split by", "makes too few groups")])
    return Column(profile.name, ColumnType.CATEGORY, Role.SPLIT,
                  description="rows of one group stay together when some are held out")


def _time_column(profile: ColumnProfile) -> Column:
    """Of dates that part the rows, and are learned from as any others."""
    column = _date_column(profile) if _is_date(profile) else None
    missing = profile.missing_in(column) if column else 0
    if column is None or (problem := _date_problem(profile)):
        problem = f"{profile.name} holds no dates" if column is None else f"of the dates in {profile.name} {problem}"
    elif missing:
        problem = (f"{missing} of {profile.rows} rows have no date in {profile.name}, so they have no place in time: "
                   "fill it in, or leave these rows out")
    elif profile.distinct < 3:
        problem = f"{profile.name} holds {profile.distinct} dates; three are needed at least"
    else:
        return replace(column, nullable=False)
    raise InvalidInput(f"split by time: {problem}", [Fault("split by time", problem)])


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
    if _is_date(profile):
        column = _date_column(profile)
    elif is_number(profile) and not _names_things(profile):
        column = Column(profile.name, ColumnType.NUMBER, missing=tuple(sorted(profile.words)),
                        description=_words_told(profile))
    elif is_pair(set(profile.words)) and not profile.kinds["number"]:
        column = Column(profile.name, ColumnType.BOOLEAN)
    elif _is_text(profile):
        column = Column(profile.name, ColumnType.TEXT, missing=missing_words(profile), description=_TEXT_TOLD)
    else:
        column = Column(profile.name, ColumnType.CATEGORY, missing=missing_words(profile), digits=_digits(profile),
                        description=_category_told(profile))
    return column


def _is_date(profile: ColumnProfile) -> bool:
    return max(profile.share("date"), profile.share("day")) >= NEARLY_ALL


def _date_problem(profile: ColumnProfile) -> str | None:
    """Why nobody can say which days these are."""
    dates, odd = profile.dates, [word for word in profile.no_dates if word.casefold() not in PLACEHOLDERS]
    if odd or len(profile.no_dates) > MAX_MISSING_WORDS or dates.total() + profile.no_dates.total() < profile.known:
        told = f", such as {describe(odd[0])}" if odd else ""
        return f"some are not read here{told}: write 2024-12-31"
    if dates[True] and dates[False]:
        return "some have the day first and some the month: write 2024-12-31"
    if dates["either"] and not dates[True] and not dates[False]:
        return ("day or month may come first in all of them: write 2024-12-31, or say type: datetime with day_first: "
                "true or false")
    return None


def _date_column(profile: ColumnProfile) -> Column:
    dates, words = profile.dates, profile.no_dates
    told = [_ORDERS_TOLD[next((order for order in (True, False) if dates[order]), None)]]
    told += [f"{words.total()} rows hold {', '.join(map(describe, sorted(words)))}, taken as missing"] if words else []
    return Column(profile.name, ColumnType.DATETIME, missing=tuple(sorted(words)), description="; ".join(told),
                  day_first=True if dates[True] else False if dates[False] else None)


_ORDERS_TOLD = {None: "date", True: "date, the day first", False: "date, the month first"}


def _digits(profile: ColumnProfile) -> int | None:
    if profile.are_codes:
        return profile.width
    return 0 if _names_things(profile) else _digits_among_words(profile)


def _digits_among_words(profile: ColumnProfile) -> int | None:
    """Of whole numbers among other words, as in 1, 2, 3+, which a file without those words has as 1.0, 2.0. Where one
    of them would be written in another way than it is, each stays what it is."""
    codes = list(filter(is_code, profile.texts)) if profile.is_exact else []
    digits = max(map(len, codes)) if any(code[0] == "0" < code for code in codes) else 0
    return digits if codes and all(recoded(code, digits) == code for code in codes) else None


def _useless(profile: ColumnProfile) -> str | None:
    if profile.name in RESERVED:
        return "reserved: an answer has this name; rename the column to use it"
    if profile.name == REQUEST_ID:
        return "reserved: names the earlier answer that a row is the label of"
    if not profile.known:
        return "empty: no row has a value"
    if profile.distinct == 1 and not profile.missing:
        return f"constant: {describe(profile.values[0]) if profile.values else 'one long text'} in every row"
    if _is_date(profile) and (problem := _date_problem(profile)):
        return f"date: {problem}"
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
    if profile.known < ENOUGH_ROWS or (is_number(profile) or whole and not profile.are_codes):
        return None
    if _is_text(profile):
        return None
    different = profile.distinct / profile.counted
    return "id or name: another value in nearly each row" if different >= NEARLY_ALL else None


_TEXT_TOLD = "free text, hardly any comes twice: learned from by its words and characters"


def _is_text(profile: ColumnProfile) -> bool:
    """Sentences, and so many different ones that no two rows can be expected to have the same."""
    if profile.known < ENOUGH_ROWS or profile.share("sentence") < 0.5:
        return False
    return profile.distinct > MANY_SENTENCES or profile.distinct / profile.counted >= 0.5


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


def _facts(profile: ColumnProfile, column: Column, reading: Reading | None) -> ColumnFacts:
    reading = reading or (SURE if column.description == _ANSWER else reading_of(profile, column))
    return ColumnFacts(column, profile.missing_in(column) / profile.rows, profile.distinct, profile.is_exact,
                       profile.examples, reading)
