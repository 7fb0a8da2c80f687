"""English and Russian: messages by gettext, numbers and times as each is written. Babel makes the catalogues and is not
needed to read them."""
from __future__ import annotations

import gettext
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

NAMES = {"en": "English", "ru": "Русский"}
NOTHING = "–"
_CATALOGUES = Path(__file__).parent / "locale"
_DAY_S = 86_400


@dataclass(frozen=True)
class Language:
    code: str
    messages: gettext.NullTranslations

    def __call__(self, message: str, **values: object) -> str:
        return self.messages.gettext(message) % values if values else self.messages.gettext(message)

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        return self.messages.ngettext(one, many, count) % ({"count": self.whole(count)} | values)

    def number(self, value: float | None, digits: int = 4) -> str:
        if value is None or not math.isfinite(value):
            return NOTHING
        return self._written(f"{value:,.{digits}f}")

    def signed(self, value: float, digits: int = 4) -> str:
        return self._written(f"{value:+,.{digits}f}").replace("-", "−")

    def short(self, value: float | None) -> str:
        """As many digits as the number needs, six at most: for what is typed or set, not for columns of figures."""
        if value is None:
            return NOTHING
        # Neither 2013 as a year nor 1400 miles gets a separator.
        return self._written(f"{value:.6g}" if abs(value) < 1e4 else f"{value:,.6g}" if abs(value) < 1e6
                             else f"{value:,.0f}").replace("-", "−")

    def whole(self, value: int | None) -> str:
        return NOTHING if value is None else self._written(f"{value:,d}")

    def percent(self, share: float | None, digits: int = 1) -> str:
        if share is None:
            return NOTHING
        return self._written(f"{100 * share:,.{digits}f}") + ("\N{NO-BREAK SPACE}%" if self.code == "ru" else "%")

    def size(self, size_bytes: int) -> str:
        units = [self("B"), self("kB"), self("MB"), self("GB")]
        power = min(int(math.log10(max(size_bytes, 1)) / 3), 3)
        return f"{self.number(size_bytes / 1000**power, 1 if power else 0)}\N{NO-BREAK SPACE}{units[power]}"

    def when(self, time: str | None) -> str:
        """A time of an answer to the minute, in UTC."""
        if not time:
            return NOTHING
        return _utc(time).strftime("%d.%m.%Y %H:%M" if self.code == "ru" else "%Y-%m-%d %H:%M")

    def ago(self, time: str | None, now: datetime) -> str:
        if not time:
            return NOTHING
        age_s = max((now - _utc(time)).total_seconds(), 0)
        if age_s < 60:
            return self("just now")
        if age_s < 3600:
            return self.plural("%(count)s minute ago", "%(count)s minutes ago", int(age_s // 60))
        if age_s < _DAY_S:
            return self.plural("%(count)s hour ago", "%(count)s hours ago", int(age_s // 3600))
        return self.plural("%(count)s day ago", "%(count)s days ago", int(age_s // _DAY_S))

    def duration(self, seconds: float | None) -> str:
        if seconds is None:
            return NOTHING
        minutes, rest = divmod(int(seconds), 60)
        if seconds < 60:
            return self("%(seconds)s s", seconds=self.number(seconds, 1 if seconds < 10 else 0))
        if minutes < 60:
            return self("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest)
        return self("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)

    def _written(self, english: str) -> str:
        if self.code != "ru":
            return english
        return english.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")


@cache
def language(code: str) -> Language:
    if code == "en":
        return Language("en", gettext.NullTranslations())
    return Language(code, gettext.translation("progon", _CATALOGUES, [code]))


def choose(cookies: Mapping[str, str], accepted: str) -> Language:
    """The one switched to, else the first of those the browser asks for that there is."""
    if (chosen := cookies.get("progon_language")) in NAMES:
        return language(chosen)
    wanted = sorted((_wish(entry) for entry in accepted.split(",")), key=lambda wish: -wish[1])
    return language(next((code for code, weight in wanted if code in NAMES and weight > 0), "en"))


def _wish(entry: str) -> tuple[str, float]:
    code, _, weight = entry.strip().partition(";q=")
    try:
        return code.partition("-")[0].lower(), float(weight or 1)
    except ValueError:
        return code, 0.0


def _utc(time: str) -> datetime:
    parsed = datetime.fromisoformat(time)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def seconds_between(start: str | None, end: str | None) -> float | None:
    return (_utc(end) - _utc(start)).total_seconds() if start and end else None
