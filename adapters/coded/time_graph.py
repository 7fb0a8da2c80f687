"""The code of a column of dates in the graph of a model, which reads ISO 8601.

The calendar is H. Hinnant's, "chrono-compatible low-level date algorithms" (days_from_civil, civil_from_days): days are
counted from March 1 of the year 0, so that no number is below 0 and a leap day is the last of its year.
"""
from __future__ import annotations

import numpy as np
from onnx import TensorProto

from adapters.coded.graph import END, Nodes
from adapters.coded.time_code import TimeCode

_NUMBERS = ("year", "month", "day", "hour", "minute", "second", "ahead", "more")
# From March 1 of the year 0 to 1970.
_TO_1970 = 719_468
# From March 1 to January 1.
_TO_NEW_YEAR = 306


def time_in_graph(nodes: Nodes, column: str, code: TimeCode) -> str:
    """column: string[N, 1]. Returns: float32[N, parts], NaN for what is no date."""
    i = _Whole(nodes)
    said, known = _read(nodes, i, nodes.add("Reshape", column, nodes.integers([-1])))
    days = _days(i, said["year"], said["month"], said["day"])
    seconds = i.add(i.mul(i.add(i.mul(said["hour"], 60), i.sub(said["minute"], said["zone"])), 60), said["second"])
    seconds = i.add(seconds, i.mul(days, 86_400))
    days, of_day = i.div(seconds, 86_400), i.mod(seconds, 86_400)
    parts = _calendar(i, days) | {"weekday": i.mod(i.add(days, 2), 7), "hour": i.div(of_day, 3_600),
                                  "minute": i.mod(i.div(of_day, 60), 60)}
    exact = nodes.add("Add", i.double(i.sub(days, _TO_1970 + code.origin)),
                      nodes.add("Div", i.double(of_day), nodes.number(86_400.0)))
    columns = [exact if name == "days" else i.double(parts[name]) for name in code.parts]
    matrix = nodes.add("Concat", *(nodes.add("Unsqueeze", each, nodes.integers([1])) for each in columns), axis=1)
    matrix = nodes.add("Cast", matrix, to=TensorProto.FLOAT)
    return nodes.add("Where", nodes.add("Unsqueeze", known, nodes.integers([1])), matrix,
                     nodes.constant(np.array(np.nan, np.float32)))


class _Whole:
    """Arithmetic of int64[N]; the second number may be a plain one."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    def _of(self, operator: str, one: str, other: str | int) -> str:
        second = other if isinstance(other, str) else self._nodes.integers([other])
        return self._nodes.add(operator, one, second)

    def add(self, one: str, other: str | int) -> str:
        return self._of("Add", one, other)

    def sub(self, one: str, other: str | int) -> str:
        return self._of("Sub", one, other)

    def mul(self, one: str, other: str | int) -> str:
        return self._of("Mul", one, other)

    def div(self, one: str, other: str | int) -> str:
        """Towards 0, of what is not below it."""
        return self._of("Div", one, other)

    def mod(self, one: str, other: str | int) -> str:
        return self._of("Mod", one, other)

    def at_most(self, one: str, other: int) -> str:
        return self._of("LessOrEqual", one, other)

    def at_least(self, one: str, other: int) -> str:
        return self._of("GreaterOrEqual", one, other)

    def whole(self, flag: str) -> str:
        return self._nodes.add("Cast", flag, to=TensorProto.INT64)

    def double(self, number: str) -> str:
        return self._nodes.add("Cast", number, to=TensorProto.DOUBLE)


def _read(nodes: Nodes, i: _Whole, texts: str) -> tuple[dict[str, str], str]:
    """int64[N] by name, the zone in minutes, and which texts are dates; all others are taken for January 1 of 1970."""
    first = nodes.texts(["+" + " ".join(["0"] * len(_NUMBERS))])  # so that there always are as many columns
    texts = nodes.add("Concat", first, texts, axis=0)
    numbers = nodes.add("Cast", _first_columns(nodes, nodes.tokens(texts, "0", tokenexp="[0-9]{1,4}"), len(_NUMBERS)),
                        to=TensorProto.INT64)
    found = {name: nodes.add("Gather", numbers, nodes.constant(np.array(place)), axis=1)
             for place, name in enumerate(_NUMBERS)}
    known = i.at_least(found["year"], 1)
    for name, low, high in (("month", 1, 12), ("day", 1, 31), ("hour", 0, 23), ("minute", 0, 59)):
        known = nodes.add("And", known, nodes.add("And", i.at_least(found[name], low), i.at_most(found[name], high)))
    for name, usual in zip(_NUMBERS, (1970, 1, 1, 0, 0, 0, 0, 0), strict=True):
        found[name] = nodes.add("Where", known, found[name], nodes.integers([usual]))
    east = nodes.numbers_of(_first_columns(nodes, nodes.tokens(texts, tokenexp="[+]"), 1), {"": 0}, 1)
    sign = i.sub(i.mul(nodes.add("Reshape", east, nodes.integers([-1])), 2), 1)
    return found | {"zone": i.mul(i.add(i.mul(found["ahead"], 60), found["more"]), sign)}, known


def _first_columns(nodes: Nodes, tokens: str, width: int) -> str:
    """Without the first row."""
    return nodes.add("Slice", tokens, *(nodes.integers(each) for each in ([1, 0], [END, width], [0, 1])))


def _days(i: _Whole, year: str, month: str, day: str) -> str:
    """From March 1 of the year 0."""
    months = i.mod(i.add(month, 9), 12)
    of_year = i.sub(i.add(i.div(i.add(i.mul(months, 153), 2), 5), day), 1)
    return i.add(_first_of_march(i, i.sub(year, i.whole(i.at_most(month, 2)))), of_year)


def _first_of_march(i: _Whole, year: str) -> str:
    era = i.div(year, 400)
    of_era = i.sub(year, i.mul(era, 400))
    leaps = i.sub(i.div(of_era, 4), i.div(of_era, 100))
    return i.add(i.mul(era, 146_097), i.add(i.mul(of_era, 365), leaps))


def _calendar(i: _Whole, days: str) -> dict[str, str]:
    """Year, month, day and day of the year."""
    era = i.div(days, 146_097)
    of_era = i.sub(days, i.mul(era, 146_097))
    less = i.add(i.sub(i.div(of_era, 1_460), i.div(of_era, 36_524)), i.div(of_era, 146_096))
    year = i.div(i.sub(of_era, less), 365)
    of_year = i.sub(of_era, i.sub(i.add(i.mul(year, 365), i.div(year, 4)), i.div(year, 100)))
    months = i.div(i.add(i.mul(of_year, 5), 2), 153)
    day = i.add(i.sub(of_year, i.div(i.add(i.mul(months, 153), 2), 5)), 1)
    month = i.add(i.mod(i.add(months, 2), 12), 1)
    civil = i.add(i.add(year, i.mul(era, 400)), i.whole(i.at_most(month, 2)))
    new_year = i.add(_first_of_march(i, i.sub(civil, 1)), _TO_NEW_YEAR)
    return {"year": civil, "month": month, "day": day, "day of year": i.add(i.sub(days, new_year), 1)}
