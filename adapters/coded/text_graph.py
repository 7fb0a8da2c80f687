"""The code of a column of texts in the graph of a model."""
from __future__ import annotations

import numpy as np
from onnx import TensorProto

from adapters.coded.graph import END, Nodes
from adapters.coded.text_code import SORTS, UNIT, TextCode
from adapters.coded.tokens import CHARACTER_BASE, LONGEST_RUN, OF_WORDS, WORD_BASE, Integers

# Stands before the texts and is taken away again: there always is a text, and one as long as the longest run.
_FIRST = "one two three"
# Several counts of the characters of a text in one whole number, so that the characters are looked at once.
_DIGIT = 2**15


def text_in_graph(nodes: Nodes, column: str, code: TextCode) -> str:
    """column: string[N, 1]. Returns: float32[N, scores and counts]."""
    texts = nodes.add("Concat", nodes.texts([_FIRST]), nodes.add("Reshape", column, nodes.integers([-1])), axis=0)
    words = nodes.tokens(texts, tokenexp=r"[\p{L}\p{N}_]+")
    characters = nodes.tokens(texts, separators=[""])
    n_words = nodes.row_sums(nodes.numbers_of(words, {"": 0}, 1))
    counts = _counts(nodes, characters, code)
    scores = _scores(nodes, code, words, characters, n_words, counts[0])
    parts = [scores, *(nodes.add("Cast", count, to=TensorProto.FLOAT) for count in (counts[0], n_words, *counts[1:]))]
    return nodes.slice(nodes.add("Concat", *parts, axis=1), 1, END, 0)


def _counts(nodes: Nodes, characters: str, code: TextCode) -> list[str]:
    """int64[N, 1] each: of all characters, and of those of each sort."""
    packed = {character: 1 + _DIGIT ** (1 + sort) for character, sort in code.sorts.items()}
    rest = nodes.row_sums(nodes.numbers_of(characters, {"": 0, **packed}, 1))
    counts, base = [], nodes.integers([_DIGIT])
    for _ in range(len(SORTS) + 1):
        counts.append(nodes.add("Mod", rest, base))
        rest = nodes.add("Div", rest, base)
    return counts


def _scores(nodes: Nodes, code: TextCode, words: str, characters: str, n_words: str, n_characters: str) -> str:
    tokens = [*_runs(nodes, nodes.numbers_of(words, dict(code.alphabet.words)), [1, 2], WORD_BASE),
              *_runs(nodes, nodes.numbers_of(characters, dict(code.alphabet.characters)),
                     range(2, LONGEST_RUN + 1), CHARACTER_BASE)]
    groups = code.of_groups()
    sums = [_sum(nodes, keys, *of_group) if len(of_group[0]) else None
            for keys, of_group in zip(tokens, groups, strict=True)]
    evened = [_evened(nodes, [part for part in parts if part], counted) for parts, counted in (
        (sums[:OF_WORDS], n_words), (sums[OF_WORDS:], n_characters))]
    bias = nodes.constant(code.bias[None])
    return nodes.add("Cast", nodes.add("Add", nodes.add("Add", *evened), bias), to=TensorProto.FLOAT)


def _runs(nodes: Nodes, numbers: str, lengths: range | list[int], base: int) -> list[str]:
    """The keys of all runs of these lengths, which go up by one. What has an unknown one in it is no key that is
    known."""
    keys, found = numbers, {1: numbers}
    for length in range(2, lengths[-1] + 1):
        grown = nodes.add("Mul", nodes.slice(keys, 0, -1, 1), nodes.integers([base]))
        keys = found[length] = nodes.add("Add", grown, nodes.slice(numbers, length - 1, END, 1))
    return [found[length] for length in lengths]


def _sum(nodes: Nodes, tokens: str, keys: Integers, weights: Integers) -> str:
    """int64[N, scores]"""
    if weights.shape[1] == 1:
        return nodes.row_sums(nodes.looked_up(tokens, keys.tolist(), weights[:, 0].tolist()))
    places = nodes.looked_up(tokens, keys.tolist(), range(1, len(keys) + 1))
    table = nodes.constant(np.vstack([np.zeros((1, weights.shape[1])), weights]).astype(np.int32))
    found = nodes.add("Cast", nodes.add("Gather", table, places, axis=0), to=TensorProto.INT64)
    return nodes.add("ReduceSum", found, nodes.integers([1]), keepdims=0)


def _evened(nodes: Nodes, sums: list[str], counted: str) -> str:
    """float64[N, scores]"""
    total = sums[0] if sums else nodes.constant(np.zeros((1, 1), np.int64))
    for part in sums[1:]:
        total = nodes.add("Add", total, part)
    total = nodes.add("Div", nodes.add("Cast", total, to=TensorProto.DOUBLE), nodes.number(UNIT))
    at_least_one = nodes.add("Cast", nodes.add("Max", counted, nodes.integers([1])), to=TensorProto.DOUBLE)
    return nodes.add("Div", total, nodes.add("Sqrt", at_least_one))
