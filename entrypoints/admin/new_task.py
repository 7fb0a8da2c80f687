"""What a new task's page shows of each column, and the task that its form describes."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from entrypoints.admin import reasons, words
from entrypoints.admin.api.files import CreatedBody, FactsBody, OtherBody
from entrypoints.admin.api.tasks import ColumnBody
from entrypoints.admin.faults import PlacedFault
from entrypoints.admin.language import Language

LEFT_OUT, DAY_FIRST, MONTH_FIRST = "ignored", "datetime day", "datetime month"
# What a column may be read as.
CHOICES = ("number", "category", "boolean", "text", "datetime", DAY_FIRST, MONTH_FIRST, LEFT_OUT)
_MOST_CHARS = 40


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """field: how the form names its fields, whatever the column is called. chosen: one of CHOICES, None where the form
    above decides. instead: what else it may be, in words. faults: of this column."""

    field: str
    name: str
    role: str
    kind: str
    chosen: str | None
    examples: Sequence[str]
    missing_share: str
    distinct: str
    why: str
    certainty: str
    instead: str
    missing: str
    private: bool
    faults: Sequence[str] = ()


def rows(_: Language, columns: Sequence[ColumnBody], facts: Sequence[FactsBody], typed: Mapping[str, str] | None = None,
         found: Sequence[PlacedFault] = ()) -> list[ColumnRow]:
    """facts: of the same columns in the same order, or of none. typed: the form as it was sent."""
    known = {entry["name"]: entry for entry in facts}
    return [_row(_, f"c{number}", column, known.get(column["name"]), typed, [
        fault.problem if fault.row is None else _("row %(row)s: %(problem)s", row=fault.row, problem=fault.problem)
        for fault in found if fault.column == column["name"]][:3]) for number, column in enumerate(columns)]


def _row(_: Language, field: str, column: ColumnBody, facts: FactsBody | None, typed: Mapping[str, str] | None,
         faults: Sequence[str]) -> ColumnRow:
    role, missing = column.get("role", "feature"), "\n".join(map(str, column.get("missing", ())))
    fixed, sent = role in ("target", "split"), typed is not None
    typed = typed or {}
    return ColumnRow(
        field, column["name"], words.role_word(_, role),
        _("left out") if role == LEFT_OUT else words.type_word(_, column["type"]),
        None if fixed else typed.get(f"{field}_as", chosen(column)),
        facts["examples"] if facts else (), _.percent(facts["missing"]) if facts and facts["missing"] else "",
        _distinct(_, facts) if facts else "", reasons.said(_, facts["why"] if facts else column.get("description", "")),
        facts["certainty"] if facts and not fixed else "sure", _instead(_, column, facts["instead"]) if facts else "",
        "\n".join(typed.get(f"{field}_missing", missing).splitlines()),
        f"{field}_private" in typed if sent else column.get("private", False), faults)


def _distinct(_: Language, facts: FactsBody) -> str:
    text = _.plural("%(count)s value", "%(count)s values", facts["distinct"])
    return text if facts["distinct_is_exact"] else _("more than %(values)s", values=text)


def _instead(_: Language, column: ColumnBody, other: OtherBody | None) -> str:
    if other is None:
        return ""
    why, instead = reasons.said(_, other["why"]), other["column"]
    # What is held out together is said in the form above.
    if instead is None or instead.get("role") == "split" or (choice := chosen(instead)) == chosen(column):
        return why
    return f"{choice_word(_, choice)}: {why}"


def chosen(column: ColumnBody) -> str:
    """What of CHOICES the column is."""
    role, kind = column.get("role", "feature"), column["type"]
    if role in (LEFT_OUT, "split"):
        return LEFT_OUT
    if kind == "datetime" and (day_first := column.get("day_first")) is not None:
        return DAY_FIRST if day_first else MONTH_FIRST
    return kind


def choice_word(_: Language, choice: str) -> str:
    return {LEFT_OUT: _("leave it out"), DAY_FIRST: _("date, 31.12.2024"), MONTH_FIRST: _("date, 12/31/2024"),
            "datetime": _("date, 2024-12-31")}.get(choice) or words.type_word(_, choice)


def document(answer: CreatedBody, typed: Mapping[str, str]) -> dict[str, Any]:
    """The task of a dry run as the form has it."""
    facts = {entry["name"]: entry for entry in (answer["inferred"] or {"columns": []})["columns"]}
    columns = [_column(f"c{number}", column, facts.get(column["name"]), typed)
               for number, column in enumerate(answer["columns"])]
    said = {"name": typed.get("name", "").strip(), "columns": columns,
            "description": typed.get("description", "").replace("\r\n", "\n").strip()}
    if answer["problem"] == "binary" and typed.get("positive"):
        said["positive"] = typed["positive"]
    return {**answer, **said}


def _column(field: str, column: ColumnBody, facts: FactsBody | None, typed: Mapping[str, str]) -> dict[str, Any]:
    choice, before = typed.get(f"{field}_as"), [str(word) for word in column.get("missing", ())]
    changed = _as(column, facts["instead"]["column"] if facts and facts["instead"] else None, choice)
    missing = [line for line in typed.get(f"{field}_missing", "").splitlines() if line]
    if missing != before:
        # What was typed counts; what was left as it was goes with the reading that was chosen.
        changed["missing"] = missing
    return changed | {"private": f"{field}_private" in typed}


def _as(column: ColumnBody, other: ColumnBody | None, choice: str | None) -> dict[str, Any]:
    """choice: None for what the form does not ask about."""
    if choice is None or choice == chosen(column):
        return dict(column)
    if choice == LEFT_OUT:
        return {"name": column["name"], "type": "category", "role": LEFT_OUT}
    if other is not None and other.get("role", "feature") == "feature" and choice == chosen(other):
        return dict(other)
    kind, _, first = choice.partition(" ")
    return {"name": column["name"], "type": kind} | ({"day_first": first == "day"} if first else {})


def free_name(file_name: str, taken: Collection[str]) -> str:
    """A name that a task can have, as near to the file's as may be."""
    plain = unicodedata.normalize("NFKD", _latin(file_name.rpartition("/")[2].partition(".")[0].lower()))
    name = re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode()).strip("_")
    name = name if name[:1].isalpha() else f"task_{name}".rstrip("_")
    name, number = name[:_MOST_CHARS].rstrip("_"), 1
    free = name
    while free in taken:
        number += 1
        free = f"{name[:_MOST_CHARS - len(str(number)) - 1]}_{number}"
    return free


def _latin(text: str) -> str:
    """As passports have it."""
    return "".join(_LATIN.get(letter, letter) for letter in text)


_LATIN = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", (
    "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y  e iu ia").split(" "), strict=True))
