"""What a column of free texts becomes: scores of a linear model of its tokens, and a few counts.

Sums are of whole numbers, and all else is done in float64 one operation after the other, so that the graph gives the
same bits: trees ask on which side of a border a score is.
"""
from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.coded.tokens import CODE_POINTS, OF_WORDS, Alphabet, Integers, code_points, lengths, word_counts
from domain.arrays import Array

# Sorts of characters that are counted, by the first letters of their Unicode category.
SORTS = {"digits": ("N",), "capitals": ("Lu", "Lt"), "marks": ("P", "S")}
COUNTS = ("characters", "words", *SORTS)
# A weight of one, as a whole number.
UNIT = 2.0**16
_MOST = 2**31 - 1
# Characters that are looked at together: some 200 MB for their tokens.
_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False)
class TextCode:
    """keys: of each group of tokens, ascending; weights: int64[tokens, k] of all groups, one after the other, in
    `UNIT`s; bias: float64[k]. sorts: the position in `SORTS` of the characters that are counted."""

    alphabet: Alphabet
    keys: Sequence[Integers]
    weights: Integers
    bias: NDArray[np.float64]
    sorts: Mapping[str, int]

    def __post_init__(self) -> None:
        np.clip(self.weights, -_MOST, _MOST, out=self.weights)

    @property
    def scores(self) -> int:
        return len(self.bias)

    def of_groups(self) -> list[tuple[Integers, Integers]]:
        """Keys and weights of each."""
        return list(zip(self.keys, np.split(self.weights, np.cumsum([len(keys) for keys in self.keys])[:-1]),
                        strict=True))

    def transform(self, values: Array) -> NDArray[np.float32]:
        """values: object[n] of str. Returns: float32[n, scores and counts]."""
        texts = values.tolist()
        starts = np.flatnonzero(np.diff(np.cumsum(lengths(texts)) // _AT_ONCE, prepend=0))
        return np.vstack([self._transformed(part.tolist()) for part in np.split(values, starts)])

    def _transformed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        sums = []
        for group, (keys, weights) in zip(self.alphabet.groups(texts), self.of_groups(), strict=True):
            rows, places = group.known(keys)
            total = np.zeros((len(texts), self.scores), np.int64)
            np.add.at(total, rows, weights[places])
            sums.append(total)
        words, characters = sum(sums[:OF_WORDS]), sum(sums[OF_WORDS:])
        scores = _evened(words, word_counts(texts)) + _evened(characters, lengths(texts)) + self.bias
        return np.hstack([scores.astype(np.float32), counts(texts, self.sorts)])


def _evened(total: Array | int, counted: Integers) -> NDArray[np.float64]:
    """Longer texts have more tokens, but not as much more to say."""
    evened: NDArray[np.float64] = total / UNIT / roots(counted)[:, None]
    return evened


def roots(counted: Integers) -> NDArray[np.float64]:
    return np.sqrt(np.maximum(counted, 1).astype(np.float64))


def sorts_of(texts: Sequence[str]) -> dict[str, int]:
    """Of the characters in them."""
    found: dict[str, int] = {}
    for character in sorted(set().union(*map(set, texts))):
        category = unicodedata.category(character)
        found |= {character: place for place, starts in enumerate(SORTS.values()) if category.startswith(starts)}
    return found


def counts(texts: Sequence[str], sorts: Mapping[str, int]) -> NDArray[np.float32]:
    """float32[n, COUNTS]"""
    table = np.full(CODE_POINTS, -1, np.int8)
    for character, sort in sorts.items():
        table[ord(character)] = sort
    size = lengths(texts)
    found, rows = table[code_points(texts)], np.repeat(np.arange(len(texts)), size)
    of_sorts = (np.bincount(rows[found == sort], minlength=len(texts)) for sort in range(len(SORTS)))
    return np.column_stack([size, word_counts(texts), *of_sorts]).astype(np.float32)
