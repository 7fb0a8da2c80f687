"""What the cells of a column of text look like, gathered while they pass by."""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from domain.cells import FLOAT32_MAX, MISSING_NUMBERS, number_of_text
from domain.columns import ColumnType
from domain.columns.rules import Form
from domain.moments import is_dotted, orders
from domain.schema import Column

# Among categories it is a value: the masonry veneer of a house that has none.
NONE = "None"
MAX_WORDS = 20
# A share from which the rest are slips.
NEARLY_ALL = 0.95
# A longer text is remembered by its hash.
MAX_REMEMBERED_CHARS = 100
EXAMPLES = 5
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_TIME = r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?"
DATE = re.compile(
    rf"(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d{{2}})"
    rf"|\d{{1,2}}[ -]{_MONTH}[ -]\d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}}){_TIME}", re.IGNORECASE | re.ASCII)
# "1,5", "1 200", "$5", "12 %": a person reads a number where a program does not.
WRITTEN_NUMBER = re.compile(r"[^\w\s]?\s?[-+]?\d[\d.,'\s]*[^\w\s]?|[-+]?\d[\d.,'\s]*\s?[^\W\d]{1,3}")


# The same without letters: a decimal comma, thousands apart, a sign before or after.
PUNCTUATED_NUMBER = re.compile(r"[^\w\s]?\s?[-+]?\d[\d.,'\s]*[^\w\s]?")
# What people put where there is no value, beside what pandas takes for missing; in lower case.
PLACEHOLDERS = frozenset({
    "-", "--", "---", ".", "..", "...", "*", "x", "xx", "missing", "unknown", "unk", "nil", "none", "null", "na",
    "n.a.", "n.a", "not available", "not applicable", "no data", "tbd", "empty", "blank", "undefined", "#ref!",
    "#value!", "#div/0!", "#name?", "#num!", "#null!", "н/д", "нд", "нет данных", "нет", "неизвестно", "не указано",
    "пусто",
    "#н/д", "#знач!", "#ссылка!", "#дел/0!", "–", "—",
})


class ColumnProfile:
    """Counts over the cells added so far, in memory that does not grow with them.

    missing: how often each word for "no value" came, "" among them. words: the texts that are no numbers, the first
    MAX_WORDS + 1 of them. dates: how many have the year first (None), then the day (True) or the month (False), or may
    have either; no_dates: the first texts that are none. distinct: different known values, exact while `is_exact`;
    `counted` is the number of known cells that they were found in. examples: the first different known values, cut.
    """

    def __init__(self, name: str, max_distinct: int) -> None:
        self.name, self._max_distinct = name, max_distinct
        self.rows = 0
        self.missing: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.dates: Counter[bool | str | None] = Counter()
        self.no_dates: Counter[str] = Counter()
        self.counted, self.is_exact = 0, True
        self._distinct: set[str | int] = set()
        self._widths: set[int] = set()
        self._next_key: int | None = None
        self.is_row_number = True
        self._examples: dict[str, None] = {}

    def add(self, cells: Sequence[str]) -> None:
        texts = list(map(str.strip, cells))
        counts = Counter(texts)
        for word in MISSING_NUMBERS.intersection(counts):
            self.missing[word] += counts.pop(word)
        self._follow_row_number(texts)
        self.rows += len(texts)
        if len(self._examples) < EXAMPLES:
            self._examples |= dict.fromkeys(text[:MAX_REMEMBERED_CHARS] for text in counts)
        for text, count in counts.items():
            self._classify(text, count)
        if self.is_exact:
            self.counted += sum(counts.values())
            self._distinct.update(text if len(text) <= MAX_REMEMBERED_CHARS else hash(text) for text in counts)
            self.is_exact = len(self._distinct) <= self._max_distinct

    @property
    def known(self) -> int:
        return self.rows - self.missing.total()

    @property
    def distinct(self) -> int:
        return len(self._distinct)

    @property
    def examples(self) -> tuple[str, ...]:
        return tuple(self._examples)[:EXAMPLES]

    @property
    def texts(self) -> Iterator[str]:
        """The different values, but for long ones, in no order."""
        return (value for value in self._distinct if isinstance(value, str))

    @property
    def values(self) -> list[str]:
        """The different values, but for long ones; sorted. Of very many that takes a while in which no other thread of
        Python goes on."""
        return sorted(self.texts)

    @property
    def are_codes(self) -> bool:
        """Whole numbers of one width, with zeros in front."""
        return self.kinds["code"] > 0 and len(self._widths) == 1 and not self.words

    @property
    def width(self) -> int:
        """Of codes: how many digits each has."""
        return next(iter(self._widths))

    @property
    def words_mean_missing(self) -> bool:
        """Few words, and each of them is one that people put where there is no number."""
        return all(word.casefold() in PLACEHOLDERS for word in self.words)

    @property
    def is_all_different(self) -> bool:
        return 1 < self.counted == self.distinct

    def share(self, kind: str) -> float:
        return self.kinds[kind] / self.known if self.known else 0.0

    def missing_in(self, column: Column) -> int:
        """Rows that have no value when they are read as this column."""
        if column.rules.form is Form.NUMBERS or column.type is ColumnType.DATETIME:
            return self.missing.total() + sum(max(self.words[word], self.no_dates[word]) for word in column.missing)
        return self.missing[""] + sum(self.missing[word] for word in column.missing)

    def _classify(self, text: str, count: int) -> None:
        number = number_of_text(text)
        if isinstance(number, float) and abs(number) <= FLOAT32_MAX:
            self._number(text, number, count)
            return
        if len(self.no_dates) <= MAX_WORDS:
            self._date(text, count)
        if text in self.words or len(self.words) <= MAX_WORDS:
            self.words[text] += count
        if DATE.fullmatch(text):
            self.kinds["date"] += count
            self.kinds["ISO date"] += count * (text[4:5] == "-" == text[7:8])
        elif WRITTEN_NUMBER.fullmatch(text):
            self.kinds["written number"] += count
            if PUNCTUATED_NUMBER.fullmatch(text):
                self.kinds["punctuated number"] += count
        if text.count(" ") >= 3:
            self.kinds["sentence"] += count

    def _number(self, text: str, number: float, count: int) -> None:
        self.kinds["number"] += count
        if number.is_integer():
            self.kinds["integer"] += count
        self._widths.add(len(text))
        # A month may be written 07; of 00501 and 020 the zeros are a part.
        if len(text) > 2 and text[0] == "0" and text.isdecimal():
            self.kinds["code"] += count
        if _is_day(text):
            self.kinds["day"] += count
            self._date(text, count)

    def _date(self, text: str, count: int) -> None:
        ways = orders(text) if text[:1].isdecimal() else frozenset[bool | None]()
        if not ways:
            self.no_dates[text] += count
        elif len(ways) > 1 and not is_dotted(text):
            self.dates["either"] += count
        else:
            self.dates[True if True in ways else next(iter(ways))] += count

    def _follow_row_number(self, texts: Sequence[str]) -> None:
        """Is it 0, 1, 2, ... or 1, 2, 3, ... down the whole file?"""
        if not self.is_row_number or not texts:
            return
        if self._next_key is None:
            self._next_key = int(texts[0]) if texts[0] in ("0", "1") else None
        first = self._next_key
        self.is_row_number = first is not None and list(map(str, range(first, first + len(texts)))) == texts
        self._next_key = (first or 0) + len(texts)


def _is_day(text: str) -> bool:
    """20131231"""
    return (len(text) == 8 and text.isdecimal() and 1800 <= int(text[:4]) < 2200
            and 1 <= int(text[4:6]) <= 12 and 1 <= int(text[6:]) <= 31)
