"""Single cells: what one may hold, and how it is told in words."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from domain.errors import Fault

MAX_FAULTS = 100
MAX_TEXT_CHARS = 10_000
FLOAT32_MAX = float(np.finfo(np.float32).max)
# What pandas.read_csv reads as missing, with "?" as many public tables write it.
MISSING_NUMBERS = frozenset({
    "", "?", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
})
REQUIRED = "a value is required"


# Texts that are usable are no longer than that, and as this says.
USABLE = "^[^\\x00]*$"


def unusable(text: str) -> str | None:
    """Why no model and no database could hold this text; None if they can."""
    if len(text) > MAX_TEXT_CHARS:
        return f"is longer than {MAX_TEXT_CHARS} characters"
    if "\0" in text:
        return "contains the character NUL"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "contains half of a surrogate pair"
    return None


def all_usable(texts: Collection[str]) -> bool:
    """Whether none of them is `unusable`, by one look at all of them."""
    if not texts:
        return True
    whole = "".join(texts)
    if len(whole) > MAX_TEXT_CHARS and max(map(len, texts)) > MAX_TEXT_CHARS:
        return False
    try:
        whole.encode()
    except UnicodeEncodeError:
        # Halves of a pair in two texts are still halves when these are joined.
        return False
    return "\0" not in whole


def number_of_text(value: str) -> float | str:
    """The number that a cell of text stands for, or the text itself."""
    if "_" in value or not value.isascii():
        return value
    try:
        return float(value)
    except ValueError:
        return value


def text_of(value: object) -> object:
    """The text that a number or a boolean is written as, 101 and not 101.0; any other value as it is."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value) if isinstance(value, (bool, int, float)) else value


def describe(value: object) -> str:
    """A JSON value in a few words that can stand in an answer, however long it is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:40]}..."'
    if isinstance(value, (list, tuple)):
        return "an array"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, int) and abs(value) >= 10**20:
        return "a very large number"
    return f"the number {value}"


def in_words(faults: Sequence[Fault]) -> str:
    """The first fault in words, and how many more there are."""
    first = f"{faults[0].where}: {faults[0].problem}"
    return first if len(faults) == 1 else f"{first} (and {len(faults) - 1} more)"
