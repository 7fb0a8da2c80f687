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
                self._counts[name] += _odd(values, known)

    def shares(self) -> Mapping[str, float]:
        """column -> share of its rows, of columns that have some; the largest first."""
        found = {name: count / self._rows for name, count in self._counts.items() if count}
        return dict(sorted(found.items(), key=lambda item: -item[1]))


def _odd(values: Array, known: frozenset[str]) -> int:
    """How many of these texts are not known."""
    codes = values.codes if isinstance(values, CodedTexts) else None
    texts = values.texts if isinstance(values, CodedTexts) and codes is not None else values.tolist()
    is_known = np.fromiter(map(known.__contains__, texts), bool, len(texts))
    return len(values) - int(np.count_nonzero(is_known if codes is None else is_known[codes]))
