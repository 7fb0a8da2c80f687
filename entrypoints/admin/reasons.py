"""Why the API takes a column for what it does, and what else it may be, in the visitor's language."""
from __future__ import annotations

from entrypoints.admin import sentences
from entrypoints.admin.language import Language


def _N(message: str) -> str:  # noqa: N802 - the mark by which Babel finds what is translated later
    return message


_SENTENCES = sentences.patterns((
    (r"answer of a model, as is the column prediction", _N("answer of a model, as is the column prediction")),
    (r"rows of one group stay together when some are held out",
     _N("rows of one group stay together when some are held out")),
    (r"reserved: an answer has this name; rename the column to use it",
     _N("reserved: an answer has this name; rename the column to use it")),
    (r"reserved: names the earlier answer that a row is the label of",
     _N("reserved: names the earlier answer that a row is the label of")),
    (r"empty: no row has a value", _N("empty: no row has a value")),
    (r"constant: (?P<what>.*) in every row", _N("constant: %(what)s in every row")),
    (r"date: some are not read here, such as (?P<what>.*): write 2024-12-31",
     _N("date: some are not read here, such as %(what)s: write 2024-12-31")),
    (r"date: some are not read here: write 2024-12-31", _N("date: some are not read here: write 2024-12-31")),
    (r"date: some have the day first and some the month: write 2024-12-31",
     _N("date: some have the day first and some the month: write 2024-12-31")),
    (r"date: day or month may come first in all of them: .*",
     _N("date: day or month may come first in all of them: say which, or write 2024-12-31")),
    (r"date(?P<order>|, the day first|, the month first); (?P<rows>\d+) rows hold (?P<what>.*), taken as missing",
     _N("date; %(rows)s rows hold %(what)s, taken as missing")),
    (r"date, the day first", _N("date, the day first")),
    (r"date, the month first", _N("date, the month first")),
    (r"date", _N("date")),
    (r"numbers with commas, signs or units, such as (?P<what>.*): write 1234.5 to use them",
     _N("numbers with commas, signs or units, such as %(what)s: write 1234.5 to use them")),
    (r"row number: .*", _N("row number: 0, 1, 2, ... or 1, 2, 3, ...")),
    (r"id: another value in each row", _N("id: another value in each row")),
    (r"id or name: another value in nearly each row", _N("id or name: another value in nearly each row")),
    (r"free text, hardly any comes twice: learned from by its words and characters",
     _N("free text, hardly any comes twice: learned from by its words and characters")),
    (r"(?P<rows>\d+) rows hold (?P<what>.*), taken as missing", _N("%(rows)s rows hold %(what)s, taken as missing")),
    (r"codes, as they begin with 0", _N("codes, as they begin with 0")),
    (r"numbers that name things", _N("numbers that name things")),
    (r"mixed: (?P<count>\d+) of (?P<rows>\d+) values are numbers, others are (?P<what>.*)",
     _N("mixed: %(count)s of %(rows)s values are numbers, others are %(what)s")),
    (r"few whole numbers, taken as classes; .*",
     _N("few whole numbers, taken as classes; choose “a number” to estimate one")),
    (r"left out: (?P<what>.*)", _N("left out: %(what)s")),
    (r"the column never says the opposite", _N("the column never says the opposite")),
    (r"those that come again may be names", _N("those that come again may be names")),
    (r"rows of one date may have to be held out together", _N("rows of one date may have to be held out together")),
    (r"whole numbers may be amounts", _N("whole numbers may be amounts")),
    (r"(?P<label>.*) is taken as the positive label, being the last; the other order takes the other",
     _N("%(label)s is taken as the positive label, being the last; below it can be the other one")),
    (r"(?P<count>\d+) different whole numbers may be classes", _N("%(count)s different whole numbers may be classes")),
    (r"(?P<count>\d+) different whole numbers may name things",
     _N("%(count)s different whole numbers may name things")),
    (r"(?P<what>.*) may be a value, and is taken as rows without a target",
     _N("%(what)s may be a value, and is taken as rows without a target")),
    (r"(?P<what>.*) may be a value, and is taken as missing", _N("%(what)s may be a value, and is taken as missing")),
    (r"numbers with commas or signs: write 1234.5 to have them as numbers",
     _N("numbers with commas or signs: write 1234.5 to have them as numbers")),
    (r"another value in more than every second row may tell nothing",
     _N("another value in more than every second row may tell nothing")),
    (r"(?P<count>\d+) of (?P<rows>\d+) values are numbers: they are texts here",
     _N("%(count)s of %(rows)s values are numbers: they are texts here")),
    (r"(?P<count>\d+) of (?P<rows>\d+) values are numbers, and the words may stand for none",
     _N("%(count)s of %(rows)s values are numbers, and the words may stand for none")),
    (r"as texts they can be learned from too", _N("as texts they can be learned from too")),
    (r"their order may tell something", _N("their order may tell something")),
    (r"those that come again may tell something", _N("those that come again may tell something")),
))


def said(language: Language, reason: str) -> str:
    return sentences.said(language, _SENTENCES, reason)
