"""How many rows a model is given at once."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from domain.columns import ColumnType
from domain.table import Table

# A tile of rows stays in the processor's cache while all trees look at it: measured best between 256 and 1,024 rows.
TILE_ROWS = 512
# What is made ready of a table at a time, before it is cut into tiles.
READY_ROWS = 16 * TILE_ROWS
# A graph cuts all texts of a tile into as many pieces as the longest of them has, at some 100 bytes each.
TILE_CHARACTERS = 2**18


def coded_columns(metadata: Mapping[str, str]) -> Mapping[str, ColumnType]:
    """The columns of free texts and of dates that a model file says it takes."""
    try:
        signature = json.loads(metadata.get("signature", "[]"))
        return {entry["name"]: ColumnType(entry["type"]) for entry in signature
                if entry["type"] in (ColumnType.TEXT, ColumnType.DATETIME)}
    except (ValueError, TypeError, LookupError):
        return {}


def tiles(table: Table, texts: Sequence[str], most: int = TILE_ROWS) -> Iterator[slice]:
    """Of the table's rows, in order. texts: columns of them. most: rows of a tile without such."""
    if not texts:
        yield from (slice(start, start + most) for start in range(0, table.n_rows, most))
        return
    lengths = np.max([[len(cell) for cell in table[name].tolist()] for name in texts], axis=0)
    start = 0
    while start < table.n_rows:
        longest = np.maximum.accumulate(lengths[start:start + TILE_ROWS])
        size = max(int(np.count_nonzero(longest * np.arange(1, len(longest) + 1) <= TILE_CHARACTERS)), 1)
        yield slice(start, start + size)
        start += size
