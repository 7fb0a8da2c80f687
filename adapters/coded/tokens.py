"""Texts as numbered tokens: words, pairs of words, and two to four characters in a row, without regard to case.

A token is a number made of the numbers of its words or characters. 0 is a word or character that is not known, and no
known token has one in it. Nothing asks a locale: what is one letter in two cases is written down.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Array

Integers = NDArray[np.int64]
# As `[\p{L}\p{N}_]+` of RE2.
_WORD = re.compile(r"\w+")
MAX_WORDS, MAX_CHARACTERS = 50_000, 30_000
# Numbers of words and of characters in a token: four of 15 bits, or two of 31, stay within int64.
WORD_BASE, CHARACTER_BASE = 2**31, 2**15
LONGEST_RUN = 4
CODE_POINTS = 0x110000
# Of the groups of tokens so many are of words.
OF_WORDS = 2


@dataclass(frozen=True)
class Group:
    """Tokens of one sort in some texts. rows: int64[t], which text; keys: int64[t], all above 0."""

    rows: Integers
    keys: Integers

    def known(self, keys: Integers) -> tuple[Integers, Integers]:
        """Of the tokens that are among `keys`, which ascend: their texts and their places there."""
        if not len(keys):
            return keys, keys
        places = np.minimum(np.searchsorted(keys, self.keys), len(keys) - 1)
        found = keys[places] == self.keys
        return self.rows[found], places[found]


@dataclass(frozen=True)
class Alphabet:
    """words, characters: number by the way it is written; one that is written in several ways has one number."""

    words: Mapping[str, int]
    characters: Mapping[str, int]

    @classmethod
    def of(cls, texts: Iterable[str], least: int = 2) -> Alphabet:
        """least: times that a word or character has to come."""
        words, characters = Counter[str](), Counter[str]()
        for text in texts:
            words.update(_WORD.findall(text))
            characters.update(text)
        return cls(_numbered(words, MAX_WORDS, least), _numbered(characters, MAX_CHARACTERS, least))

    def groups(self, texts: Sequence[str]) -> list[Group]:
        """Words, pairs of them, and characters in runs of two to `LONGEST_RUN`."""
        rows, words = self._words(texts)
        places, characters = self._characters(texts)
        return [_runs(rows, words, 1, WORD_BASE), _runs(rows, words, 2, WORD_BASE), *(
            _runs(places, characters, length, CHARACTER_BASE) for length in range(2, LONGEST_RUN + 1))]

    def _words(self, texts: Sequence[str]) -> tuple[Integers, Integers]:
        found = [_WORD.findall(text) for text in texts]
        counts = np.fromiter(map(len, found), np.int64, len(texts))
        numbers = np.fromiter((self.words.get(word, 0) for words in found for word in words), np.int64, counts.sum())
        return np.repeat(np.arange(len(texts)), counts), numbers

    def _characters(self, texts: Sequence[str]) -> tuple[Integers, Integers]:
        table = np.zeros(CODE_POINTS, np.int64)
        for character, number in self.characters.items():
            table[ord(character)] = number
        return np.repeat(np.arange(len(texts)), lengths(texts)), table[code_points(texts)]


def lengths(texts: Sequence[str]) -> Integers:
    return np.fromiter(map(len, texts), np.int64, len(texts))


def word_counts(texts: Sequence[str]) -> Integers:
    return np.fromiter((len(_WORD.findall(text)) for text in texts), np.int64, len(texts))


def code_points(texts: Sequence[str]) -> Array:
    """Of all characters, one text after the other."""
    return np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4")


def _numbered(counts: Counter[str], most: int, least: int) -> dict[str, int]:
    """By lower case; a word that is known is known in capitals too, even if it never came so."""
    folded = Counter[str]()
    for text, count in counts.items():
        folded[text.lower()] += count
    ranked = sorted(folded.items(), key=lambda item: (-item[1], item[0]))[:most]
    known = {text: number for number, (text, count) in enumerate(ranked, start=1) if count >= least}
    one = {len(text) for text in counts} <= {1}
    ways = {way: number for text, number in known.items() for way in (text.upper(), text.capitalize())
            if not one or len(way) == 1}
    seen = {text: known[text.lower()] for text in counts if text.lower() in known}
    return dict(sorted((ways | seen | {text: number for text, number in known.items() if not one or len(text) == 1}
                        ).items()))


def _runs(rows: Integers, numbers: Integers, length: int, base: int) -> Group:
    """Of so many in a row within a text, where all of them are known."""
    size = max(len(numbers) - length + 1, 0)
    keys, kept = np.zeros(size, np.int64), np.ones(size, bool)
    for place in range(length):
        part = numbers[place:place + size]
        keys, kept = keys * base + part, kept & (part > 0)
    kept &= rows[:size] == rows[length - 1:]
    return Group(rows[:size][kept], keys[kept])
