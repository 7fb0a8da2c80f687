"""Which rows train, which stop the training and which judge it; stable as a dataset grows."""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from domain.arrays import Array
from domain.errors import InvalidInput
from domain.table import Table
from domain.task import Split
from domain.time_cuts import by_time, cuts

TRAIN, VALID, TEST = 0, 1, 2
# Fewer rows or groups than this are parted in the rule's proportions: by chance half of six would be held out.
FEW = 20
_2_64 = float(2**64)
_LEAST = 3
_AT_A_TIME = 65_536

# uint8[n_rows] of 0 train, 1 valid, 2 test: of some rows, the first of which has this position since version 1.
Parting = Callable[[Table, int], Array]

# Part by share, of the rows or groups that are elsewhere than their shares say.
Moved = Mapping[float, int]
NONE_MOVED: Moved = MappingProxyType({})


@dataclass(frozen=True, eq=False, slots=True)
class Parts:
    """The rows of a dataset version by what they are for."""

    train: Table
    valid: Table
    test: Table

    @property
    def n_rows(self) -> int:
        return self.train.n_rows + self.valid.n_rows + self.test.n_rows


def parting(rule: Split, tables: Iterable[Table], version_rows: Sequence[int]) -> Parting:
    """How the rows of a dataset version are parted. tables and version_rows: as in `moves` and `cuts`."""
    if rule.by_time is None:
        moved = moves(rule, tables, version_rows)
        return lambda table, first_row: split(table, rule, first_row, moved)
    column, cut = rule.by_time, cuts(rule, tables, version_rows)

    def parted(table: Table, _: int) -> Array:
        stopping, judging = by_time(table[column], cut)
        return np.where(judging, TEST, np.where(stopping, VALID, TRAIN)).astype(np.uint8)
    return parted


def split(table: Table, rule: Split, first_row: int = 0, moved: Moved = NONE_MOVED) -> Array:
    """uint8[n_rows]: 0 train, 1 valid, 2 test.

    A row's part depends on its group, or on its position since version 1 (`first_row` + offset), and on what was moved
    in the first version: rows that were held out stay held out in every later version, so two experiments can be
    compared.
    """
    shares = _shares(table, rule, first_row)
    parts = _by_share(shares, rule)
    for share, number in moved.items():
        parts[shares == share] = number
    return parts


def moves(rule: Split, tables: Iterable[Table], version_rows: Sequence[int]) -> Moved:
    """What has to be moved so that no part is empty: decided by the first version of three rows or groups, for ever.

    Few rows or groups are parted in the rule's proportions, by the order of their shares; of more, those with the
    nearest shares go where a part would be empty. Empty where there is nothing to move.
    tables: a version's rows from its first, read as far as needed, not at all where single rows are parted.
    version_rows: how many rows the versions had up to it, rising.
    """
    distinct, n_seen, waiting = np.empty(0), 0, list(version_rows)
    for shares in _all_shares(rule, tables, version_rows):
        while waiting and waiting[0] <= n_seen + len(shares):
            distinct = np.union1d(distinct, shares[:waiting.pop(0) - n_seen])
            if len(distinct) >= _LEAST:
                return _moves(distinct, rule)
        distinct, n_seen = np.union1d(distinct, shares), n_seen + len(shares)
        if len(distinct) >= FEW and len(set(_by_share(distinct, rule))) == 3:
            break
    return NONE_MOVED


def part(table: Table, rule: Split) -> Parts:
    """Of all rows of a first version. Raises: InvalidInput if a part would be empty."""
    parts = parting(rule, [table], [table.n_rows])(table, 0)
    counts = np.bincount(parts, minlength=3)
    if 0 in counts:
        raise InvalidInput(too_few(table.n_rows, dict(zip(("train", "valid", "test"), counts.tolist(), strict=True))))
    return Parts(*(table.take(parts == number) for number in range(3)))


def too_few(n_rows: int, counts: Mapping[str, int]) -> str:
    """What to say of rows that cannot be parted; counts: rows by part."""
    found = ", ".join(f"{count} {name}" for name, count in counts.items())
    return (f"{n_rows} rows are too few to train on: {_LEAST} at least, or {_LEAST} groups or moments, for one to "
            f"train, one to stop and one to judge by; here {found}")


def _moves(shares: Array, rule: Split) -> Moved:
    """shares: float64[n], different and rising, three at least."""
    order = np.full(len(shares), TRAIN, np.uint8)
    held_out, stopping = _sizes(shares, rule)
    order[:held_out + stopping], order[:held_out] = VALID, TEST
    changed = order != _by_share(shares, rule)
    return dict(zip(shares[changed].tolist(), order[changed].tolist(), strict=True))


def _sizes(shares: Array, rule: Split) -> tuple[int, int]:
    """How many judge and how many stop, so that each part has one at least."""
    if len(shares) < FEW:
        held_out, stopping = (int(len(shares) * share + 1e-9) for share in (rule.holdout, rule.valid))
    else:
        _, stopping, held_out = np.bincount(_by_share(shares, rule), minlength=3).tolist()
    held_out = min(max(held_out, 1), len(shares) - 2)
    return held_out, min(max(stopping, 1), len(shares) - held_out - 1)


def _by_share(shares: Array, rule: Split) -> Array:
    held_out, stopping = shares < rule.holdout, shares < rule.holdout + rule.valid
    return np.where(held_out, TEST, np.where(stopping, VALID, TRAIN)).astype(np.uint8)


def _all_shares(rule: Split, tables: Iterable[Table], version_rows: Sequence[int]) -> Iterator[Array]:
    if rule.by is not None:
        yield from (_shares(table, rule, 0) for table in tables)
        return
    n_rows = max(version_rows, default=0)
    for start in range(0, n_rows, _AT_A_TIME):
        yield _shares_of_positions(np.arange(start, min(start + _AT_A_TIME, n_rows), dtype=np.uint64), rule.seed)


def _shares(table: Table, rule: Split, first_row: int) -> Array:
    """float64[n_rows] in [0, 1)."""
    if rule.by is None:
        return _shares_of_positions(np.arange(first_row, first_row + table.n_rows, dtype=np.uint64), rule.seed)
    distinct, inverse = np.unique(group_names(rule.prefix_chars, table[rule.by]), return_inverse=True)
    return np.array([_share_of_text(text, rule.seed) for text in distinct])[inverse]


def group_names(prefix_chars: int, values: Array) -> Array:
    """str[n_rows]: the group that each row stays together with. values: of the column that a rule parts by."""
    return np.array([str(value)[:prefix_chars] for value in values], dtype=object).astype(str)


def _share_of_text(text: str, seed: int) -> float:
    """A number in [0, 1) that a group keeps for ever."""
    digest = hashlib.blake2b(text.encode(), digest_size=8, salt=seed.to_bytes(8, "little")).digest()
    return int.from_bytes(digest, "little") / _2_64


def _shares_of_positions(positions: Array, seed: int) -> Array:
    """SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators") of each position."""
    with np.errstate(over="ignore"):
        mixed = (positions + np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))) / _2_64
