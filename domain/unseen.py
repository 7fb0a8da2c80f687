"""Values of category columns that training never saw, counted: a model answers them as it does a missing one."""
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from domain.arrays import Array
from domain.columns.rules import Form
from domain.exchange import Part
from domain.prediction import ModelCard
from domain.schema import Column
from domain.table import Table
from domain.text_cells import CodedTexts

# More different values of a column are not carried in a model file; then nothing is told of that column.
MAX_KNOWN = 10_000


def known_text(columns: Sequence[Column], train: Table) -> str:
    """The values of each column of texts in the training rows, as the model file carries them."""
    seen = {column.name: sorted(set(train[column.name].tolist()) - {""}) for column in columns
            if column.rules.form is Form.TEXTS and not column.private and column.rules.comes_again}
    return json.dumps({name: values for name, values in seen.items() if len(values) <= MAX_KNOWN},
                      ensure_ascii=False, separators=(",", ":"))


class Unseen:
    """card: of the model, with what `known_text` wrote; of a file without it nothing is told."""

    def __init__(self, card: ModelCard) -> None:
        known = json.loads(card.metadata.get("categories") or "{}")
        # A missing value is none that training never saw.
        self._known = {name: frozenset((*values, "")) for name, values in known.items()}
        self._rows = 0
        self._counts: dict[str, int] = dict.fromkeys(self._known, 0)
        # Of each column the distinct texts that were looked at last, and which of them are not known: parts of a file
        # may have them in common.
        self._looked_at: dict[str, tuple[Sequence[str], Array]] = {}

    def watched(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The same parts."""
        for part in parts:
            self.look(part.table)
            yield part

    def look(self, table: Table) -> None:
        self._rows += table.n_rows
        for name, known in self._known.items():
            values = table.columns.get(name)
            if values is not None:
                self._counts[name] += self._odd(name, values, known)

    def _odd(self, name: str, values: Array, known: frozenset[str]) -> int:
        """How many of these texts are not known."""
        if not isinstance(values, CodedTexts) or values.codes is None:
            return len(values) - sum(map(known.__contains__, values.tolist()))
        looked_at = self._looked_at.get(name)
        if looked_at is None or looked_at[0] is not values.texts:
            odd = ~np.fromiter(map(known.__contains__, values.texts), bool, len(values.texts))
            looked_at = self._looked_at[name] = values.texts, odd
        return int(np.count_nonzero(looked_at[1][values.codes])) if looked_at[1].any() else 0

    def shares(self) -> Mapping[str, float]:
        """column -> share of its rows, of columns that have some; the largest first."""
        found = {name: count / self._rows for name, count in self._counts.items() if count}
        return dict(sorted(found.items(), key=lambda item: -item[1]))
