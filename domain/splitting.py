"""Which rows train, which stop the training and which judge it; stable as a dataset grows."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from domain.errors import InvalidInput
from domain.table import Table
from domain.task import Split

TRAIN, VALID, TEST = 0, 1, 2
_2_64 = float(2**64)
_SEEDS = 1_000


@dataclass(frozen=True, eq=False, slots=True)
class Parts:
    """The rows of a dataset version by what they are for."""

    train: Table
    valid: Table
    test: Table


def split(table: Table, rule: Split, first_row: int = 0) -> np.ndarray:
    """uint8[n_rows]: 0 train, 1 valid, 2 test.

    A row's part depends on its group, or on its position since version 1 (`first_row` + offset), and on nothing
    else: rows that were held out stay held out in every later version, so two experiments can be compared.
    """
    if rule.by is None:
        shares = _shares_of_positions(np.arange(first_row, first_row + table.n_rows, dtype=np.uint64), rule.seed)
    else:
        groups = np.array([str(value)[:rule.prefix_chars] for value in table[rule.by]], dtype=object)
        distinct, inverse = np.unique(groups.astype(str), return_inverse=True)
        shares = np.array([_share_of_text(text, rule.seed) for text in distinct])[inverse]
    held_out, stopping = shares < rule.holdout, shares < rule.holdout + rule.valid
    return np.where(held_out, TEST, np.where(stopping, VALID, TRAIN)).astype(np.uint8)


def part(table: Table, rule: Split) -> Parts:
    """Raises: InvalidInput if a part would be empty."""
    parts = split(table, rule)
    counts = np.bincount(parts, minlength=3)
    if 0 in counts:
        raise InvalidInput(f"{table.n_rows} rows are too few to hold some out: "
                           f"{counts[0]} train, {counts[1]} valid, {counts[2]} test")
    return Parts(*(table.take(parts == number) for number in range(3)))


def _share_of_text(text: str, seed: int) -> float:
    """A number in [0, 1) that a group keeps for ever."""
    digest = hashlib.blake2b(text.encode(), digest_size=8, salt=seed.to_bytes(8, "little")).digest()
    return int.from_bytes(digest, "little") / _2_64


def _shares_of_positions(positions: np.ndarray, seed: int) -> np.ndarray:
    """SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators") of each position."""
    with np.errstate(over="ignore"):
        mixed = (positions + np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))) / _2_64


def fitting_seed(rule: Split, n_rows: int) -> Split:
    """The rule with the first seed by which single rows are parted so that no part is empty and train is the largest;
    the rule as it is where no seed does that. For few rows, which a seed taken at random would often leave without one.
    """
    positions = np.arange(n_rows, dtype=np.uint64)
    for seed in range(_SEEDS):
        shares = _shares_of_positions(positions, seed)
        held_out = np.count_nonzero(shares < rule.holdout)
        stopping = np.count_nonzero(shares < rule.holdout + rule.valid) - held_out
        if 0 < stopping <= held_out <= n_rows - held_out - stopping:
            return replace(rule, seed=seed)
    return rule
