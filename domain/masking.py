"""Private columns, which are trained on and never shown."""
from __future__ import annotations

import numpy as np

from domain.columns.rules import Form
from domain.schema import Schema
from domain.table import Table


def without_private(schema: Schema, table: Table) -> Table:
    """table: stored columns of cells, no pictures. Returns: the same, every cell of a private column missing."""
    hidden = {column.name: np.full(table.n_rows, np.nan) if column.rules.form is Form.NUMBERS
              else np.full(table.n_rows, "", dtype=object)
              for column in schema.stored if column.private and column.rules.form is not Form.ARRAYS}
    return Table(dict(table.columns) | hidden)
