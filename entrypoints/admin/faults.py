"""Faults that the API names, in the visitor's language: where it stands, and what is wrong there. A sentence that is
not known here is shown as the API wrote it."""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from entrypoints.admin import archive_faults, import_faults, refusals, sentences
from entrypoints.admin.backend import Fault
from entrypoints.admin.language import Language


def _N(message: str) -> str:  # noqa: N802 - the mark by which Babel finds what is translated later
    return message


_ROW = re.compile(r"row (\d+)(?:, column (.*))?", re.DOTALL)
_COLUMN = re.compile(r"column (.*)", re.DOTALL)
_TENSOR = re.compile(r"(input|output) (.*)", re.DOTALL)
_SENTENCES = sentences.patterns((
    (r"at character (?P<at>\d+): a name is expected, not (?P<what>.*)",
     _N("at character %(at)s: a name is expected, not %(what)s")),
    (r"at character (?P<at>\d+): a value is expected, not (?P<what>.*); a text stands in quotes: .*",
     _N("at character %(at)s: a value is expected, not %(what)s; a text stands in quotes")),
    (r"at character (?P<at>\d+): a value is expected, not (?P<what>.*)",
     _N("at character %(at)s: a value is expected, not %(what)s")),
    (r"at character (?P<at>\d+): one of (?P<signs>.*) is expected, not (?P<what>.*)",
     _N("at character %(at)s: one of %(signs)s is expected, not %(what)s")),
    (r"at character (?P<at>\d+): 'and' or 'or' is expected, not (?P<what>.*)",
     _N("at character %(at)s: 'and' or 'or' is expected, not %(what)s")),
    (r"at character (?P<at>\d+): the closing parenthesis is expected, not (?P<what>.*)",
     _N("at character %(at)s: the closing parenthesis is expected, not %(what)s")),
    (r"at character (?P<at>\d+): a quotation mark is opened here and never closed",
     _N("at character %(at)s: a quotation mark is opened here and never closed")),
    (r"at character (?P<at>\d+): (?P<what>.*) means nothing here",
     _N("at character %(at)s: %(what)s means nothing here")),
    (r"at character (?P<at>\d+): no experiment has (?P<what>.*); known are (?P<known>.*)",
     _N("at character %(at)s: no experiment has %(what)s; known are %(known)s")),
    (r"no experiment has (?P<what>.*); known are (?P<known>.*)",
     _N("no experiment has %(what)s; known are %(known)s")),
    (r"is missing", _N("is missing")),
    (r"is unknown", _N("is unknown")),
    (r"a value is required", _N("a value is required")),
    (r"expected a number, got (?P<what>.*)", _N("expected a number, got %(what)s")),
    (r"expected a string, got (?P<what>.*)", _N("expected a text, got %(what)s")),
    (r"expected an integer, got (?P<what>.*)", _N("expected a whole number, got %(what)s")),
    (r"expected an id, or a moment such as (?P<what>.*)", _N("expected a moment such as %(what)s")),
    (r"expected a finite number, got Infinity", _N("expected a finite number, got infinity")),
    (r"does not fit a 32-bit float", _N("the number is too large")),
    (r"is longer than (?P<what>\d+) characters", _N("is longer than %(what)s characters")),
    (r"contains the character NUL", _N("contains the character NUL")),
    (r"must be between (?P<low>\S+) and (?P<high>[^,]+), got (?P<what>.*)",
     _N("must be between %(low)s and %(high)s, got %(what)s")),
    (r"is no picture in one of the formats (?P<what>.*)", _N("is no picture in one of the formats %(what)s")),
    (r"is no picture, and no video that is known \((?P<what>.*)\)",
     _N("is no picture, and no video that is known (%(what)s)")),
    (r"cannot be read: (?P<what>.*)", _N("cannot be read: %(what)s")),
    (r"does not unpack: (?P<what>.*)", _N("does not unpack: %(what)s")),
    (r"has no mask", _N("has no mask")),
    (r"is a mask without a picture", _N("is a mask without a picture")),
    (r"is there twice", _N("is there twice")),
    (r"is encrypted", _N("is encrypted")),
    (r"is an archive in the archive", _N("is an archive in the archive")),
    (r"has (?P<what>\d+ x \d+) pixels, its picture (?P<picture>\d+ x \d+)",
     _N("has %(what)s pixels, its picture %(picture)s")),
    (r"has (?P<what>\d+ x \d+) pixels; (?P<most>\S+) are allowed",
     _N("has %(what)s pixels; %(most)s are allowed")),
    (r"has 16 bits a pixel; the task takes 8", _N("has 16 bits a pixel; the task takes 8")),
    (r"is in colour; the task takes grey pictures", _N("is in colour; the task takes grey pictures")),
    (r"is in colour; a mask has one number a pixel", _N("is in colour; a mask has one number a pixel")),
    (r"has (?P<what>\d+) frames; send single pictures", _N("has %(what)s frames; send single pictures")),
    (r"holds (?P<what>.*); the values of the classes are (?P<values>.*)",
     _N("holds %(what)s; the values of the classes are %(values)s")),
    (r"(?P<what>.*) is none of the labels (?P<labels>.*)", _N("%(what)s is none of the labels %(labels)s")),
    (r"expected true or false, got (?P<what>.*)", _N("expected true or false, got %(what)s")),
    (r"has no value in any row", _N("has no value in any row")),
    (r"is the header again: take it out", _N("is the header again: take it out")),
    (r"has cells that stand one column too far to the right: (?P<what>.*)",
     _N("has cells that stand one column too far to the right: %(what)s")),
    (r"has cells that stand one column too far to the left: (?P<what>.*)",
     _N("has cells that stand one column too far to the left: %(what)s")),
    (r"there is no column (?P<what>.*); did you mean (?P<near>.*)\?",
     _N("there is no column %(what)s; did you mean %(near)s?")),
    (r"there is no column (?P<what>.*); there are (?P<known>.*)",
     _N("there is no column %(what)s; there are %(known)s")),
    (r"is (?P<what>.*) in all rows; there is nothing to learn",
     _N("is %(what)s in all rows; there is nothing to learn")),
    (r"has the same value in all rows; there is nothing to learn",
     _N("has the same value in all rows; there is nothing to learn")),
    (r"has another value in each row, so there are no classes to learn",
     _N("has another value in each row, so there are no classes to learn")),
    (r"has more than (?P<what>\d+) different values",
     _N("has more than %(what)s different values, too many for classes")),
    (r"has values too long to be classes", _N("has values too long to be classes")),
    (r"has (?P<what>\d+) classes, which is no (?P<problem>\w+) problem",
     _N("has %(what)s classes, which does not fit: %(problem)s")),
    (r"has numbers with commas, signs or units, such as (?P<what>.*): write 1234.5; .*",
     _N("has numbers with commas, signs or units, such as %(what)s: write 1234.5, or choose several classes")),
    (r"has values that are no numbers, such as (?P<what>.*)", _N("has values that are no numbers, such as %(what)s")),
    (r"rows are parted by time or by groups, not by both.*",
     _N("rows are held out by time or by groups, not by both: choose one")),
    (r"(?P<column>.+) holds no dates", _N("%(column)s holds no dates")),
    (r"of the dates in (?P<column>.+) some are not read here(?:, such as (?P<what>.*))?: write 2024-12-31",
     _N("some of the dates in %(column)s are not read here: write 2024-12-31")),
    (r"of the dates in (?P<column>.+) some have the day first and some the month: write 2024-12-31",
     _N("some dates in %(column)s have the day first and some the month: write 2024-12-31")),
    (r"of the dates in (?P<column>.+) day or month may come first in all of them: .*",
     _N("day or month may come first in all dates of %(column)s: write 2024-12-31")),
    (r"(?P<missing>\d+) of (?P<rows>\d+) rows have no date in (?P<column>.+), so they have no place in time: .*",
     _N("%(missing)s of %(rows)s rows have no date in %(column)s, so they have no place in time: fill it in, or leave "
        "these rows out")),
    (r"(?P<column>.+) holds (?P<what>\d+) dates; three are needed at least",
     _N("%(column)s holds %(what)s dates; three are needed at least")),
    (r"the column (?P<column>.+) may be without a date, and such a row has no place in time: .*",
     _N("each row has to have a date in %(column)s: the rows are held out by it")),
    (r"the column (?P<column>.+) holds no dates: it is a (?P<kind>\w+)",
     _N("the rows are held out by %(column)s, so it has to be read as a date")),
    (r"the column (?P<column>.+) is ignored, so it is not stored",
     _N("the rows are held out by %(column)s, so it cannot be left out")),
    (r"makes too few groups", _N("makes too few groups: three are needed at least")),
    (r"the target cannot be what the rows are split by", _N("the target cannot be what the rows are held out by")),
    (r"is a lower-case letter, then letters, digits and _, 40 characters at most",
     _N("is a small Latin letter, then letters, digits and _, 40 characters at most")),
    (r"is one of (?P<what>.*), got (?P<got>.*)", _N("is one of %(what)s, got %(got)s")),
    (r"expected 1 to (?P<most>\d+) printable characters, without spaces at the ends",
     _N("expected 1 to %(most)s printable characters, without spaces at the ends")),
    (r"names (?P<what>\d+); (?P<most>\d+) are allowed", _N("names %(what)s; %(most)s are allowed")),
    (r"knows no (?P<what>.*)", _N("knows no %(what)s")),
    (r"experiment (?P<what>\d+) is of the task (?P<task>.*)", _N("experiment %(what)s is of the task %(task)s")),
    (r"there is no experiment (?P<what>.*)", _N("there is no experiment %(what)s")),
    (r"input should be a valid integer.*", _N("has to be a whole number")),
    (r"input should be a valid number.*", _N("has to be a number")),
    (r"input should be a finite number", _N("has to be a number")),
    (r"input should be greater than (?P<low>[^o]\S*)", _N("has to be more than %(low)s")),
    (r"input should be less than (?P<high>[^o]\S*)", _N("has to be less than %(high)s")),
    (r"input should be greater than or equal to (?P<low>\S+)", _N("has to be %(low)s at least")),
    (r"input should be less than or equal to (?P<high>\S+)", _N("has to be %(high)s at most")),
    (r"input should be (?P<what>'.*)", _N("has to be one of %(what)s")),
    (r"expected a number above 0 and below 1", _N("has to be more than 0 and less than 100 percent")),
    (r"is missing: which part of the requests .*", _N("say which part of the requests the canary answers")),
    (r"the task (?P<task>\S+) is no choice between two labels, .*",
     _N("%(task)s is no choice between two labels: there is nothing to decide by a threshold")),
    (r"experiment (?P<what>\d+) serves (?P<task>\S+) already; a candidate is another one",
     _N("experiment %(what)s serves %(task)s already; a candidate is another one")),
    (r"experiment (?P<what>\d+) takes other columns than experiment (?P<serving>\d+), which serves: (?P<odd>.*)\. "
     r"Callers cannot send rows for both; .*",
     _N("experiment %(what)s takes other columns than experiment %(serving)s, which serves: %(odd)s. Callers cannot "
        "send rows for both: deploy it for every request")),
    (r"no rollout of (?P<task>\S+) goes on", _N("%(task)s has no candidate now")),
    (r"names none; there are (?P<known>.*)", _N("choose one at least")),
    (r"expected more than 0 and (?P<most>\d+) at most", _N("expected more than 0 and %(most)s at most")),
    (r"there is no task (?P<what>.*)", _N("there is no task %(what)s")),
    (r"(?P<who>.*) is in none of the groups that may do anything here; .*",
     _N("%(who)s is in none of the groups that may do anything here; ask whoever runs the service")),
    (r"this sign-in (?:was not begun (?:here|in this browser)|took more than ten minutes); begin again",
     _N("this sign-in was not begun in this browser, or took more than ten minutes; begin again")),
    (r"the provider refused: (?P<what>.*)", _N("the provider refused: %(what)s")),
    (r"admin is of all tasks: .*", _N("admin is of all tasks: who makes keys can make one of any task")),
    (r"a key (?P<what>.*) is there already; revoke it, or give this one another name",
     _N("a key %(what)s is there already; revoke it, or give this one another name")),
    (r"is unknown; known are (?P<what>.*)", _N("is unknown; known are %(what)s")),
    (r"is unknown; there are no parameters here", _N("is unknown; there are no parameters here")),
))


@dataclass(frozen=True, slots=True)
class PlacedFault:
    row: int | None
    column: str | None
    where: str
    problem: str


def placed(language: Language, faults: Sequence[Fault]) -> list[PlacedFault]:
    return [_placed(language, fault) for fault in faults]


def translated(language: Language, fault: Fault) -> str:
    return f"{_where(language, fault.where)}: {said(language, fault.problem)}"


def said(language: Language, problem: str) -> str:
    for said_by in (partial(sentences.said, language, _SENTENCES), partial(import_faults.said, language),
                    partial(archive_faults.said, language), partial(refusals.said, language)):
        if (told := said_by(problem)) != problem:
            return told
    return problem


def _placed(language: Language, fault: Fault) -> PlacedFault:
    row, column = _place(fault.where)
    return PlacedFault(row, column, _where(language, fault.where), said(language, fault.problem))


def _place(where: str) -> tuple[int | None, str | None]:
    if match := _ROW.fullmatch(where):
        return int(match[1]), match[2]
    match = _COLUMN.fullmatch(where)
    return None, match[1] if match else None


def _where(_: Language, where: str) -> str:
    row, column = _place(where)
    if row is not None and column is not None:
        return _("row %(row)s, column %(column)s", row=row, column=column)
    if row is not None:
        return _("row %(row)s", row=row)
    if column is not None:
        return _("column %(column)s", column=column)
    file, comma, place = where.partition(", ")
    if file == "check":
        return _("check") + comma + _where(_, place)
    if match := _TENSOR.fullmatch(where):
        return _("input %(name)s", name=match[2]) if match[1] == "input" else _("output %(name)s", name=match[2])
    known = {"filter": _("filter"), "file": _("file"), "model": _("model"), "mapping": _("mapping")}
    return known.get(where) or where.removeprefix("query.")
