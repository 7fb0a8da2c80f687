"""Sentences of the API in the visitor's language: each is known by a pattern, whose groups are put into its
translation."""
from __future__ import annotations

import re
from collections.abc import Sequence

from entrypoints.admin.language import Language

# A sentence as a pattern, and as a message with the groups of it.
Sentences = Sequence[tuple[re.Pattern[str], str]]


def patterns(sentences: Sequence[tuple[str, str]]) -> Sentences:
    return [(re.compile(pattern, re.DOTALL), message) for pattern, message in sentences]


def said(language: Language, sentences: Sentences, text: str, rest: Sentences = ()) -> str:
    """As the API wrote it, if it is not known here. rest: by which a group of this name is said."""
    for pattern, message in sentences:
        if match := pattern.fullmatch(text):
            words = {name: _written(language, name, word, rest) for name, word in match.groupdict().items()}
            return language(message, **words) if words else language(message)
    return text


def _written(language: Language, name: str, word: str, rest: Sentences) -> str:
    """A share, which is a number of per cents without their sign, as the language has it."""
    if name == "rest":
        return said(language, rest, word)
    return language.percent(float(word) / 100) if name == "share" else word
