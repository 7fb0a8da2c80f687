"""Dates and times as they are written, and the one way in which they are written here.

That is 2024-12-31, 2024-12-31T23:59:59 or, where a zone was given, 2024-12-31T23:59:59+03:00. What has no zone counts
as UTC.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Array

_TIME = (r"(?:[T ] ?(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
         r" ?(?:(?P<utc>Z|UTC)|(?P<sign>[+-])(?P<ahead>\d\d)(?::?(?P<more>\d\d))?)?)?")
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})(?P<mark>[-/.]?)(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){_TIME}", re.ASCII)
_YEAR_LAST = re.compile(
    rf"(?P<one>\d{{1,2}})(?P<mark>[-/.])(?P<two>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}){_TIME}", re.ASCII)
_DAY_S = 86_400
# What is missing behind a text of so many characters, to the longest.
_REST = MappingProxyType({0: "0000-00-00T00:00:00+00:00", 10: "T00:00:00+00:00", 19: "+00:00", 25: ""})
_PLACES = {"year": (0, 4), "month": (5, 7), "day": (8, 10), "hour": (11, 13), "minute": (14, 16), "second": (17, 19),
           "ahead": (20, 22), "more": (23, 25)}
_SIGN_PLACE, _BLANK_YEAR = 19, 0


def read_moment(text: str, day_first: bool | None) -> str | None:
    """The one way; None for what is no date, or has its year last where it is not known (None) what is first then."""
    found = _YEAR_FIRST.fullmatch(text)
    if found is not None and (found["mark"] or len(found["month"] + found["day"]) == 4):
        return _written(found, found["month"], found["day"])
    found = _YEAR_LAST.fullmatch(text) if day_first is not None else None
    if found is None:
        return None
    return _written(found, *((found["two"], found["one"]) if day_first else (found["one"], found["two"])))


def orders(text: str) -> frozenset[bool | None]:
    """The ways to read it: None with the year first, True with the day first, False with the month first."""
    if read_moment(text, None) is not None:
        return frozenset({None})
    return frozenset(order for order in (True, False) if read_moment(text, order) is not None)


def is_dotted(text: str) -> bool:
    """31.12.2024, in which everybody has the day first."""
    found = _YEAR_LAST.fullmatch(text)
    return found is not None and found["mark"] == "."


def _written(found: re.Match[str], month: str, day: str) -> str | None:
    said = {name: int(found[name] or 0) for name in ("year", "hour", "minute", "second", "ahead", "more")}
    try:
        datetime(said["year"], int(month), int(day), said["hour"], said["minute"], min(said["second"], 59))
    except ValueError:
        return None
    if said["second"] > 60 or said["ahead"] > 23 or said["more"] > 59:
        return None
    date = f"{said['year']:04}-{int(month):02}-{int(day):02}"
    if found["hour"] is None:
        return date
    zone = "+00:00" if found["utc"] else f"{found['sign']}{said['ahead']:02}:{said['more']:02}" if found["sign"] else ""
    # A leap second is the last of its minute.
    return f"{date}T{said['hour']:02}:{said['minute']:02}:{min(said['second'], 59):02}{zone}"


def seconds_of(values: Array) -> NDArray[np.float64]:
    """values: object[n], written the one way, "" for none. Returns: whole seconds since 1970 in UTC, NaN for none."""
    parts = _parts(values)
    known = parts["year"] != _BLANK_YEAR
    months = (parts["year"] - 1970) * 12 + np.maximum(parts["month"], 1) - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + parts["day"] - 1
    zone = (parts["ahead"] * 60 + parts["more"]) * parts["sign"]
    seconds = days * _DAY_S + (parts["hour"] * 60 + parts["minute"] - zone) * 60 + parts["second"]
    return np.where(known, seconds, np.nan)


def _parts(values: Array) -> Mapping[str, NDArray[np.int64]]:
    whole = "".join([text + _REST[len(text)] for text in values.tolist()])
    letters = np.frombuffer(whole.encode(), np.uint8).reshape(len(values), len(_REST[0])).astype(np.int64)
    parts = {}
    for name, (start, end) in _PLACES.items():
        parts[name] = (letters[:, start:end] - ord("0")) @ 10 ** np.arange(end - start - 1, -1, -1)
    return parts | {"sign": np.where(letters[:, _SIGN_PLACE] == ord("-"), -1, 1)}


def years_of(values: Array) -> NDArray[np.float64]:
    """The year, and how much of it has gone: 2024.5; NaN for none. values: as in `seconds_of`."""
    seconds = seconds_of(values)
    known = ~np.isnan(seconds)
    whole = np.where(known, seconds, 0).astype(np.int64).astype("datetime64[s]")
    year = whole.astype("datetime64[Y]")
    start, end = year.astype("datetime64[s]"), (year + 1).astype("datetime64[s]")
    gone = (whole - start).astype(np.float64) / (end - start).astype(np.float64)
    return np.where(known, year.astype(np.int64) + 1970 + gone, np.nan)
