"""What a column of text makes as a target: classes, or a number to estimate."""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from domain.cells import describe
from domain.column_profile import NEARLY_ALL, NONE, ColumnProfile
from domain.columns import ColumnType
from domain.columns.boolean import FALSE, WORDS, is_pair
from domain.errors import Fault, InvalidInput
from domain.kinds.answers import MAX_CLASSES
from domain.kinds.kind import Problem
from domain.labels import Label
from domain.schema import Column, Role

MAX_INTEGER_CLASSES = 20
MAX_MISSING_WORDS = 5
_LABEL = re.compile(r"(0|-?[1-9]\d{0,17})(\.0)?")


def target_of(profile: ColumnProfile, wanted: Problem | None) -> tuple[Problem, tuple[Label, ...], Column]:
    """wanted: None if the values are to tell. Raises: InvalidInput for a target that is none."""
    if not profile.known:
        raise _bad_target(profile, "has no value in any row")
    if wanted is None and _is_written_oddly(profile):
        raise _bad_target(profile, "has numbers with commas, signs or units, such as "
                          f"{describe(next(iter(profile.words)))}: write 1234.5; or say problem: multiclass, if each "
                          "of them is a class")
    problem = wanted or (Problem.REGRESSION if _is_quantity(profile) else None)
    if problem is Problem.REGRESSION:
        return problem, (), _number_target(profile)
    column = Column(profile.name, ColumnType.CATEGORY, Role.TARGET, nullable=False, missing=missing_words(profile))
    labels = _labels(profile, column)
    if wanted is None and len(labels) > 2 and isinstance(labels[0], int):
        column = replace(column, description="few whole numbers, taken as classes; say problem: regression to estimate "
                                             "a number")
    found = Problem.BINARY if len(labels) == 2 else Problem.MULTICLASS
    if problem is not None and problem is not found:
        raise _bad_target(profile, f"has {len(labels)} classes, which is no {problem} problem")
    return found, labels, column


def _is_written_oddly(profile: ColumnProfile) -> bool:
    """A person reads numbers, a program texts."""
    numbers = profile.share("punctuated number") + profile.share("number")
    return profile.kinds["punctuated number"] > 0 and numbers >= NEARLY_ALL


def _is_quantity(profile: ColumnProfile) -> bool:
    """Numbers to be estimated; a few whole ones are classes, and so are texts."""
    if not is_number(profile) or (profile.words and profile.distinct <= MAX_INTEGER_CLASSES):
        return False
    whole = profile.kinds["integer"] == profile.kinds["number"]
    few = profile.distinct <= max(2, min(MAX_INTEGER_CLASSES, profile.known // 10))
    return not (whole and few)


def _number_target(profile: ColumnProfile) -> Column:
    if not is_number(profile):
        words = ", ".join(describe(word) for word in list(profile.words)[:3])
        raise _bad_target(profile, f"has values that are no numbers, such as {words or 'codes that begin with 0'}")
    if len({np.float32(value) for value in profile.values if value not in profile.words}) < 2:
        raise _bad_target(profile, "has the same value in all rows; there is nothing to learn")
    return Column(profile.name, ColumnType.NUMBER, Role.TARGET, nullable=False, missing=tuple(sorted(profile.words)))


def _labels(profile: ColumnProfile, column: Column) -> tuple[Label, ...]:
    if profile.distinct > MAX_CLASSES:  # before they are sorted
        raise _bad_target(profile, f"has more than {MAX_CLASSES} different values")
    values = profile.values + [NONE] * (NONE in profile.missing and NONE not in column.missing)
    if not profile.is_exact or len(values) > MAX_CLASSES or len(profile.values) < profile.distinct:
        raise _bad_target(profile, f"has more than {MAX_CLASSES} different values" if len(values) > MAX_CLASSES
                          else "has values too long to be classes")
    if len(values) == profile.known > 2:
        raise _bad_target(profile, "has another value in each row, so there are no classes to learn")
    labels: Sequence[Label] = sorted(values)
    if all(map(_LABEL.fullmatch, values)):
        labels = sorted({int(float(value)) if value.endswith(".0") else int(value) for value in values})
    if is_pair(set(values)):
        # The one that means yes is the positive label.
        labels = sorted(values, key=_means_yes)
    if len(labels) < 2:
        raise _bad_target(profile, f"is {describe(labels[0])} in all rows; there is nothing to learn")
    return tuple(labels)


def _means_yes(word: Label) -> bool:
    return WORDS[str(word).casefold()] != FALSE


def _bad_target(profile: ColumnProfile, problem: str) -> InvalidInput:
    return InvalidInput(f"the target {profile.name} {problem}", [Fault(f"column {profile.name}", problem)])


def is_number(profile: ColumnProfile) -> bool:
    """Numbers, apart from a few words that come again and again in their place."""
    few_words = len(profile.words) <= MAX_MISSING_WORDS and (
        profile.share("number") >= 0.8 or profile.words_mean_missing)
    return profile.kinds["number"] > 0 and not profile.are_codes and (not profile.words or few_words)


def missing_words(profile: ColumnProfile) -> tuple[str, ...]:
    return tuple(sorted(word for word in profile.missing if word not in ("", NONE)))
