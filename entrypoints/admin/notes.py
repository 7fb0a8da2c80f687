"""What was guessed of an imported model, and which rows it refuses, in the visitor's language."""
from __future__ import annotations

from entrypoints.admin import sentences
from entrypoints.admin.language import Language


def _N(message: str) -> str:  # noqa: N802 - the mark by which Babel finds what is translated later
    return message


_SENTENCES = sentences.patterns((
    (r"the file names no classes: they are taken for (?P<labels>.*), in this order",
     _N("the file names no classes: they are taken for %(labels)s, in this order")),
    (r"the model's classes (?P<classes>.*) are taken for (?P<labels>.*)",
     _N("the model's classes %(classes)s are taken for %(labels)s")),
    (r"the layout is taken for (?P<layout>.*), as the input is (?P<shape>.*)",
     _N("the layout is taken for %(layout)s, as the input is %(shape)s")),
    (r"the colours are taken for (?P<colours>.*)", _N("the colours are taken for %(colours)s")),
    (r"pictures are made (?P<height>\d+) pixels high and (?P<width>\d+) wide, whole, by a mean of what falls together "
     r"\(bilinear with antialiasing\)",
     _N("pictures are resized to %(height)s pixels high and %(width)s wide, whole (bilinear with antialiasing)")),
    (r"the model takes pictures of any size, and they go in as large as they come; .*",
     _N("the model takes pictures of any size, and they go in as large as they come; if it learned from one size, say "
        "picture.size: [height, width]")),
    (r"no mean is taken off, and nothing is divided by a deviation: .*",
     _N("no mean is subtracted, and nothing is divided by a deviation: if the model was trained so, say picture.mean "
        "and picture.std")),
    (r"the output (?P<name>.*) is taken for probabilities", _N("the output %(name)s is taken for probabilities")),
    (r"the model does not use (?P<columns>.*)", _N("the model does not use %(columns)s")),
    (r"the input (?P<name>.*) is taken for the column (?P<column>.*)",
     _N("the input %(name)s is taken for the column %(column)s")),
    (r"the input (?P<name>.*) takes the columns in the task's order: (?P<columns>.*)",
     _N("the input %(name)s takes the columns in the task's order: %(columns)s")),
    (r"the model takes (?P<rows>.*) rows at once, no more, no less: rows go one by one",
     _N("the model takes exactly %(rows)s rows at once: rows go one by one")),
    (r"(?P<node>.*): its locale is (?P<locale>.*) now, which every machine has",
     _N("%(node)s: its locale is %(locale)s now, which every machine has")),
    (r"(?P<column>.*): a row where it is missing is refused, as the model fails on it",
     _N("%(column)s: a row without a value there is refused, as the model fails on it")),
    (r"(?P<column>.*): a row where it is missing is refused, as the model gives no number for it",
     _N("%(column)s: a row without a value there is refused, as the model gives no number for it")),
    (r"(?P<column>.*): a row where it is a text that training never saw is refused, as the model fails on it",
     _N("%(column)s: a row with a text that training never saw is refused, as the model fails on it")),
    (r"(?P<column>.*): a row where it is a text that training never saw is refused, as the model gives no number for "
     r"it",
     _N("%(column)s: a row with a text that training never saw is refused, as the model gives no number for it")),
    (r"(?P<column>.*): the model has no answer to pictures of (?P<sizes>.*) pixels, and they are refused",
     _N("%(column)s: the model has no answer to pictures of %(sizes)s pixels, and they are refused")),
))


def said(language: Language, note: str) -> str:
    """As it was written, where it is not known."""
    return sentences.said(language, _SENTENCES, note)
