"""Free texts that are read by their words and characters: texts, "" for missing."""
from __future__ import annotations

import numpy as np

from domain.arrays import Array
from domain.columns.category import UNSEEN, CategoryRules, texts_of


class TextRules(CategoryRules):
    """Coerced as categories are; what is looked at of them is how long they are."""

    comes_again = False

    def odd_values(self, borders: Array) -> Array:
        return texts_of(["", UNSEEN, UNSEEN.upper(), "0", "é", "Ёж\tи\nпёс, WON £1000!", "日本語 😀", "a" * 300])

    def gauge(self, values: Array) -> Array:
        sizes = np.fromiter(map(len, values.tolist()), np.float64, len(values))
        return np.where(sizes == 0, np.nan, sizes)
