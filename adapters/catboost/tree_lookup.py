"""Trees as stock tensor operations: all questions at once, their answers as the bits of a leaf number, and a lookup for
each tree. Rows are last throughout, so that the inner loops run along them.
"""
from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v17 as op
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


def _leaf_numbers(answers: Var, question_of: np.ndarray) -> Var:
    """int32[1, T * N]: the answers of each tree's levels (question_of: [D, T]) read as a binary number.

    A byte holds the weights of eight levels, so deeper trees take one product per eight.
    """
    numbers = None
    for end in range(len(question_of), 0, -BITS_PER_BYTE):
        part = question_of[max(end - BITS_PER_BYTE, 0):end]
        bits = op.reshape(op.gather(answers, integers(part.ravel())), integers([len(part), -1]))
        weights = (2 ** np.arange(len(part))[::-1]).astype(np.uint8)[None]
        product = op.matmul_integer(op.constant(value=weights), bits)
        shift = op.constant(value=np.int32(2 ** (len(question_of) - end)))
        numbers = product if numbers is None else op.add(numbers, op.mul(product, shift))
    return numbers


def raw_scores(forest: Forest, sums: Var) -> Var:
    """float32[N, n_outputs] of sums of leaves of the same shape."""
    if forest.scale != 1.0:
        sums = op.mul(sums, op.constant(value=np.float32(forest.scale)))
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


def integers(values) -> Var:
    return op.constant(value=np.array(values, np.int64))
