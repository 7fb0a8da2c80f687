"""How sure it is that a column of text is what it was taken for, and what it may be instead."""
from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.cells import describe
from domain.column_profile import MAX_WORDS, ColumnProfile
from domain.columns import ColumnType
from domain.columns.boolean import is_pair
from domain.columns.category import is_code
from domain.kinds.answers import MAX_CLASSES
from domain.kinds.kind import Problem
from domain.labels import Label
from domain.schema import REQUEST_ID, RESERVED, Column, Role

# Whole numbers of so few kinds may as well be names.
_FEW = 20
_HALF = 0.5


class Certainty(StrEnum):
    """unsure: as much speaks for the other reading."""

    SURE = "sure"
    LIKELY = "likely"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Reading:
    """instead: the column as the other reading has it, None if there is none or nothing of it could be read as it is
    written. problem, labels: of a target, where they would be others. why: what speaks for it, or what to do."""

    certainty: Certainty
    why: str = ""
    instead: Column | None = None
    problem: Problem | None = None
    labels: tuple[Label, ...] = ()


SURE = Reading(Certainty.SURE)


def reading_of(profile: ColumnProfile, column: Column) -> Reading:
    """Of a column that is no target."""
    if column.role is Role.IGNORED:
        return _of_ignored(profile, column)
    if column.role is Role.SPLIT:
        return SURE
    if column.type is ColumnType.NUMBER:
        return _of_number(profile, column)
    if column.type is ColumnType.BOOLEAN:
        single = Reading(Certainty.LIKELY, "the column never says the opposite", _as(column, ColumnType.CATEGORY))
        return single if profile.distinct == 1 else SURE
    if column.type is ColumnType.TEXT:
        return Reading(Certainty.LIKELY, "those that come again may be names", _as(column, ColumnType.CATEGORY))
    if column.type is ColumnType.DATETIME:
        return Reading(Certainty.LIKELY, "rows of one date may have to be held out together",
                       replace(_as(column, ColumnType.CATEGORY), role=Role.SPLIT))
    return _of_category(profile, column)


def reading_of_target(profile: ColumnProfile, column: Column, problem: Problem, labels: tuple[Label, ...],
                      said: bool) -> Reading:
    """said: the owner named the problem."""
    if said:
        return SURE
    if problem is Problem.REGRESSION:
        return _of_quantity(profile, column)
    if isinstance(labels[0], int) and labels != (0, 1):
        sure = Certainty.LIKELY if len(labels) == 2 else Certainty.UNSURE
        return Reading(sure, "whole numbers may be amounts", _as(column, ColumnType.NUMBER), Problem.REGRESSION)
    if len(labels) == 2 and isinstance(labels[0], str) and not is_pair(set(map(str, labels))):
        return Reading(Certainty.LIKELY, f"{describe(labels[1])} is taken as the positive label, being the last; the "
                       "other order takes the other", column, problem, labels[::-1])
    return SURE


def _of_quantity(profile: ColumnProfile, column: Column) -> Reading:
    if column.missing:
        return _with_words(profile, "rows without a target")
    whole = profile.kinds["integer"] == profile.kinds["number"]
    if not whole or not profile.is_exact or profile.distinct > MAX_CLASSES:
        return SURE
    labels = tuple(sorted({int(float(value)) for value in profile.values}))
    return Reading(Certainty.LIKELY, f"{len(labels)} different whole numbers may be classes",
                   _as(column, ColumnType.CATEGORY), Problem.MULTICLASS, labels)


def _with_words(profile: ColumnProfile, taken_as: str, instead: Column | None = None) -> Reading:
    words = ", ".join(map(describe, sorted(profile.words)))
    sure = Certainty.LIKELY if profile.words_mean_missing else Certainty.UNSURE
    return Reading(sure, f"{words} may be a value, and is taken as {taken_as}", instead)


def _of_number(profile: ColumnProfile, column: Column) -> Reading:
    if profile.words:
        return _with_words(profile, "missing", _as(column, ColumnType.CATEGORY))
    whole = profile.kinds["integer"] == profile.known
    if whole and profile.is_exact and 2 < profile.distinct <= _FEW < profile.known:
        return Reading(Certainty.LIKELY, f"{profile.distinct} different whole numbers may name things",
                       replace(_as(column, ColumnType.CATEGORY), digits=0))
    return SURE


def _of_category(profile: ColumnProfile, column: Column) -> Reading:
    if column.digits is not None and all(map(is_code, profile.values)):
        return Reading(Certainty.LIKELY, "whole numbers may be amounts", _as(column, ColumnType.NUMBER))
    if profile.kinds["number"]:
        return _of_mixture(profile, column)
    if profile.kinds["punctuated number"]:
        return Reading(Certainty.UNSURE, "numbers with commas or signs: write 1234.5 to have them as numbers")
    if column.missing:
        why = f"{', '.join(map(describe, column.missing))} may be a value, and is taken as missing"
        return Reading(Certainty.LIKELY, why, replace(column, missing=()))
    if profile.distinct > _HALF * profile.counted and profile.counted > _FEW:
        return Reading(Certainty.LIKELY, "another value in more than every second row may tell nothing",
                       replace(column, role=Role.IGNORED, description=""))
    return SURE


def _of_mixture(profile: ColumnProfile, column: Column) -> Reading:
    mostly = profile.share("number") >= 0.5
    why = f"{profile.kinds['number']} of {profile.known} values are numbers"
    if len(profile.words) > MAX_WORDS:
        return Reading(Certainty.UNSURE if mostly else Certainty.LIKELY, f"{why}: they are texts here")
    number = replace(_as(column, ColumnType.NUMBER), missing=tuple(sorted(profile.words)))
    return Reading(Certainty.UNSURE if mostly else Certainty.LIKELY, f"{why}, and the words may stand for none", number)


def _of_ignored(profile: ColumnProfile, column: Column) -> Reading:
    taken = replace(column, role=Role.FEATURE, description="")
    if profile.name in RESERVED or profile.name == REQUEST_ID or profile.distinct < 2:
        return SURE
    if profile.share("written number") >= _HALF and not profile.share("date"):
        return Reading(Certainty.UNSURE, "as texts they can be learned from too", taken)
    if max(profile.share("date"), profile.share("day")) >= _HALF:
        return Reading(Certainty.LIKELY, "rows of one date may have to be held out together",
                       replace(taken, role=Role.SPLIT))
    if profile.kinds["integer"] == profile.known:
        return Reading(Certainty.LIKELY, "their order may tell something", _as(taken, ColumnType.NUMBER))
    return Reading(Certainty.LIKELY, "those that come again may tell something", taken)


def _as(column: Column, type_: ColumnType) -> Column:
    return Column(column.name, type_, column.role, column.nullable)
