"""Conditions as a person types them: `auc > 0.8 and not (depth < 6 or tag = "old")`.

    either     = both { "or" both }
    both       = single { "and" single }
    single     = "not" single | "(" either ")" | comparison
    comparison = name ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value | name "contains" text
    value      = number | text | "true" | "false" | "none"

`==` is `=`. A text stands in quotes of either kind, a name that is no plain word between `backticks`. What has no value
meets no comparison but `= none`; nor do a number and a text, which are only unlike each other.
"""
from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from domain.errors import Fault, InvalidInput

# Several texts are met if one of them is.
Value = float | str | bool | None | tuple[str, ...]
Facts = Mapping[str, Value]
Test = Callable[[Facts], bool]
MAX_CHARS, MAX_DEPTH = 2_000, 40
_TOKEN = re.compile(r"""
    (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
  | (?P<text>"[^"]*"|'[^']*')
  | (?P<name>`[^`]+`|[^\W\d][\w.]*)
  | (?P<sign><=|>=|!=|==|=|<|>|\(|\))
""", re.VERBOSE)
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_SIGNS = ("=", "!=", *_ORDERS)
_LITERALS: Mapping[str, Value] = {"true": True, "false": False, "none": None}
_WORDS = frozenset({"and", "or", "not", "contains", *_LITERALS})


@dataclass(frozen=True, slots=True)
class Condition:
    """names: what it asks for, each with where it stands, from 1."""

    test: Test
    names: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """Of those that mean something here; empty of a name."""
        lowered = self.text.lower()
        return lowered if self.kind == "name" and lowered in _WORDS else self.text if self.kind == "sign" else ""


def parse(text: str, where: str = "filter") -> Condition:
    """Raises: InvalidInput, its fault at `where` with the position in words."""
    if len(text) > MAX_CHARS:
        raise _wrong(where, MAX_CHARS, f"a condition has at most {MAX_CHARS} characters")
    return _Parser(_tokens(text, where), where).condition()


def _tokens(text: str, where: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            quote = text[at] in "\"'`"
            raise _wrong(where, at, "a quotation mark is opened here and never closed" if quote
                         else f"{text[at]!r} means nothing here")
        found.append(_Token(str(match.lastgroup), match.group(), at))
        at = match.end()
    return [*found, _Token("end", "", at)]


def _wrong(where: str, at: int, problem: str) -> InvalidInput:
    told = f"at character {at + 1}: {problem}"
    return InvalidInput(f"{where} cannot be read {told}", [Fault(where, told)])


class _Parser:
    def __init__(self, tokens: Sequence[_Token], where: str) -> None:
        self._tokens, self._where, self._next, self._depth = tokens, where, 0, 0
        self._names: list[tuple[str, int]] = []

    def condition(self) -> Condition:
        test = self._either()
        if self._token.kind != "end":
            raise self._wrong(f"'and' or 'or' is expected, not {self._seen()}")
        return Condition(test, self._names)

    def _either(self) -> Test:
        tests = self._several("or", self._both)
        return tests[0] if len(tests) == 1 else lambda facts: any(test(facts) for test in tests)

    def _both(self) -> Test:
        tests = self._several("and", self._single)
        return tests[0] if len(tests) == 1 else lambda facts: all(test(facts) for test in tests)

    def _several(self, word: str, each: Callable[[], Test]) -> list[Test]:
        tests = [each()]
        while self._taken(word):
            tests.append(each())
        return tests

    def _single(self) -> Test:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._wrong(f"conditions stand in each other at most {MAX_DEPTH} deep")
        test = self._denied() if self._taken("not") else self._enclosed() if self._taken("(") else self._comparison()
        self._depth -= 1
        return test

    def _denied(self) -> Test:
        test = self._single()
        return lambda facts: not test(facts)

    def _enclosed(self) -> Test:
        test = self._either()
        if not self._taken(")"):
            raise self._wrong(f"the closing parenthesis is expected, not {self._seen()}")
        return test

    def _comparison(self) -> Test:
        if self._token.kind != "name" or self._token.word:
            raise self._wrong(f"a name is expected, not {self._seen()}")
        token = self._take()
        name = token.text.strip("`")
        self._names.append((name, token.at + 1))
        if self._taken("contains"):
            part = self._text().casefold()
            return lambda facts: any(part in text.casefold() for text in _texts(facts.get(name)))
        sign = self._sign()
        at, wanted = self._token, self._value()
        if sign in _ORDERS and (wanted is None or isinstance(wanted, bool)):
            raise _wrong(self._where, at.at, f"{at.text} can be compared by = and != alone")
        return lambda facts: _meets(facts.get(name), sign, wanted)

    def _sign(self) -> str:
        sign = "=" if self._token.text == "==" else self._token.text
        if self._token.kind != "sign" or sign not in _SIGNS:
            raise self._wrong(f"one of {', '.join(_SIGNS)}, contains is expected, not {self._seen()}")
        self._take()
        return sign

    def _value(self) -> Value:
        if self._token.kind == "number":
            return float(self._take().text)
        if self._token.word in _LITERALS:
            return _LITERALS[self._take().text.lower()]
        return self._text()

    def _text(self) -> str:
        if self._token.kind != "text":
            quoted = f"; a text stands in quotes: \"{self._token.text}\"" if self._token.kind == "name" else ""
            raise self._wrong(f"a value is expected, not {self._seen()}{quoted}")
        return self._take().text[1:-1]

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _taken(self, word: str) -> bool:
        if self._token.word != word:
            return False
        self._next += 1
        return True

    def _seen(self) -> str:
        return self._token.text or "the end"

    def _wrong(self, problem: str) -> InvalidInput:
        return _wrong(self._where, self._token.at, problem)


def _meets(value: Value, sign: str, wanted: Value) -> bool:
    if wanted is None:
        return (value is None) == (sign == "=")
    if value is None:
        return False
    if sign == "=":
        return _equal(value, wanted)
    if sign == "!=":
        return not _equal(value, wanted)
    return any(_ORDERS[sign](one, wanted) for one in _each(value) if _comparable(one, wanted))


def _each(value: Value) -> Sequence[Value]:
    return value if isinstance(value, tuple) else (value,)


def _equal(value: Value, wanted: Value) -> bool:
    return any(one == wanted and _comparable(one, wanted) for one in _each(value))


def _comparable(value: Value, wanted: Value) -> bool:
    """A truth is no number."""
    kinds = [bool if isinstance(one, bool) else str if isinstance(one, str) else float for one in (value, wanted)]
    return kinds[0] is kinds[1]


def _texts(value: Value) -> Sequence[str]:
    return [one for one in _each(value) if isinstance(one, str)]


def in_order(rows: Sequence[Facts], sort: Sequence[tuple[str, bool]]) -> list[int]:
    """sort: names, each with whether the largest comes first; the first counts most. Numbers stand before texts; what
    has no value stands at the end either way. Returns: the positions of `rows`; those that are alike stay as they are.
    """
    order = list(range(len(rows)))
    for name, down in reversed(sort):
        keys = [_key(facts.get(name)) for facts in rows]
        known = [position for position in order if keys[position] is not None]
        unknown = [position for position in order if keys[position] is None]
        order = list(chain(sorted(known, key=lambda position: keys[position] or (), reverse=down), unknown))
    return order


def _key(value: Value) -> tuple[int, float, str] | None:
    """None of what has no value, a number that is none among it."""
    if value is None or value != value:
        return None
    if isinstance(value, (bool, int, float)):
        return 0, float(value), ""
    return 1, 0.0, (value if isinstance(value, str) else ", ".join(value)).casefold()
