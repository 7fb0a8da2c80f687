"""Trees as stock tensor operations: all questions at once, their answers as the bits of a leaf number, and a lookup for
each tree. Rows are last throughout, so that the inner loops run along them.
"""
from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v17 as op
from numpy.typing import ArrayLike, NDArray
from spox import Var

from adapters.catboost.oblivious import Forest, pad

BITS_PER_BYTE = 8


def look_up(forest: Forest, features: Var) -> Var:
    """Sums of leaves float32[n_outputs, N] of features float32[n_features, N]; at least one tree, not scaled."""
    levels = pad(forest.trees)
    pairs = np.stack([levels.features.T.ravel(), levels.borders.T.ravel()])
    questions, question_of = np.unique(pairs, axis=1, return_inverse=True)
    asked = op.gather(features, integers(questions[0].astype(np.int64)))
    answers = op.cast(op.greater(asked, op.constant(value=questions[1].astype(np.float32)[:, None])), to=np.uint8)
    question_of = question_of.reshape(levels.features.T.shape)
    leaf_of = op.reshape(_leaf_numbers(answers, question_of), integers([len(forest.trees), -1]))
    sums = [
        op.reduce_sum(op.gather_elements(op.constant(value=table), leaf_of, axis=1), integers([0]), keepdims=1)
        for table in np.ascontiguousarray(np.moveaxis(levels.leaves, 2, 0))]
    return op.concat(sums, axis=0) if len(sums) > 1 else sums[0]


def _leaf_numbers(answers: Var, question_of: NDArray[np.int64]) -> Var:
    """int32[1, T * N]: the answers of each tree's levels (question_of: [D, T]) read as a binary number.

    A byte holds the weights of eight levels, so deeper trees take one product per eight.
    """
    numbers = _byte_number(answers, question_of[-BITS_PER_BYTE:])
    for end in range(len(question_of) - BITS_PER_BYTE, 0, -BITS_PER_BYTE):
        higher = _byte_number(answers, question_of[max(end - BITS_PER_BYTE, 0):end])
        shift = op.constant(value=np.array(2 ** (len(question_of) - end), np.int32))
        numbers = op.add(numbers, op.mul(higher, shift))
    return numbers


def _byte_number(answers: Var, question_of: NDArray[np.int64]) -> Var:
    bits = op.reshape(op.gather(answers, integers(question_of.ravel())), integers([len(question_of), -1]))
    weights = (2 ** np.arange(len(question_of))[::-1]).astype(np.uint8)[None]
    return op.matmul_integer(op.constant(value=weights), bits)


def raw_scores(forest: Forest, sums: Var) -> Var:
    """float32[N, n_outputs] of sums of leaves of the same shape."""
    if forest.scale != 1.0:
        sums = op.mul(sums, op.constant(value=np.array(forest.scale, np.float32)))
    return op.add(sums, op.constant(value=forest.bias.astype(np.float32)[None]))


def both_margins(scores: Var) -> Var:
    """float32[N, 2] of a logistic forest. Both signs go through the sigmoid: 1 - p would lose the small probabilities.
    """
    return op.mul(scores, op.constant(value=np.array([[-1.0, 1.0]], np.float32)))


def softmax(forest: Forest, scores: Var) -> Var:
    """float32[N, n_classes]; a class that was in no training row has probability 0."""
    probabilities = op.softmax(scores, axis=1)
    if forest.n_outputs == forest.n_classes:
        return probabilities
    places = np.eye(forest.n_classes, dtype=np.float32)[forest.class_of]
    return op.matmul(probabilities, op.constant(value=places))


def integers(values: ArrayLike) -> Var:
    return op.constant(value=np.array(values, np.int64))
