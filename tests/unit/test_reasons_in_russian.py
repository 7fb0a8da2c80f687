"""Why a column is taken for what it is, and what else it may be, on a Russian page: every sentence that inference can
make is known there."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.errors import InvalidInput
from domain.kinds.kind import Problem
from domain.schema_inference import TableProfile, TableWish, columns_of, infer_task
from entrypoints.admin import faults, reasons
from entrypoints.admin.backend import Fault
from entrypoints.admin.language import language

RU = language("ru")
ROWS = 80
SENTENCES = " ".join(["the ship sails far away"] * 2)
COLUMNS = {
    "prediction": ("0.5",), "request_id": ("a", "b"), "empty": ("",), "constant": ("A",), "row": range(ROWS),
    "user_id": [f"u{n * 7}" for n in range(ROWS)], "name": [f"n{n}" for n in range(ROWS - 1)] + ["n0"],
    "text": [f"{SENTENCES} {n}" for n in range(ROWS)], "codes": ("00501", "00020", "10000"), "shop_code": (101, 7, 33),
    "words": (1.5, 2.5, "-", 4.5), "cold": (1.5, 2.5, 3.5, 6.5, 7.5, 8.5, 9.5, "cold"), "mixed": (1, "3+", 2, "a"),
    "texts": [1.5, *(f"w{n}" for n in range(30))], "few": range(3, 10), "commas": ("1,5", "2,5"),
    "signs": [f"{n},5" for n in range(ROWS)], "single": ("true", ""), "NA": ("NA", "EU", "US"),
    "many": [f"m{n % 50}" for n in range(ROWS)], "iso": ("2024-01-02", "2024-02-03"),
    "day": ("31/12/2024", "01/02/2024"), "month": ("12/31/2024", "01/02/2024"), "either": ("01/02/2024", "03/04/2024"),
    "both": ("31/12/2024", "12/31/2024"), "odd": ["01/02/2024"] * 39 + ["31/02/2024"],
    "day_words": ["2024-01-02"] * 39 + ["-"]}
# What inference says of no column here: of a target, or with no name to tell.
TARGETS = {"whole": range(4), "pair": (1, 2), "amount": range(30), "sick": ("sick", "well"), "dash": [
    *(n + 0.5 for n in range(ROWS - 4)), "-", "-", "-", "-"]}


def cells(values) -> list[str]:
    texts = list(map(str, values))
    return [texts[row % len(texts)] for row in range(ROWS)]


def facts_of(target: str | None = None):
    table = TableProfile([*COLUMNS, *TARGETS])
    table.add({name: cells(values) for name, values in (COLUMNS | TARGETS).items()})
    return infer_task(table, TableWish("a", target)).columns if target else columns_of(table)


def sentences() -> list[str]:
    found = [*facts_of(), *(facts for target in TARGETS for facts in facts_of(target))]
    return sorted({said for facts in found for said in (facts.column.description, facts.reading.why) if said})


@pytest.mark.parametrize("sentence", sentences())
def test_every_reason_has_its_russian(sentence):
    said = reasons.said(RU, sentence)
    assert said != sentence and re.search("[а-я]", said) and "%(" not in said


def test_all_sentences_come_up():
    """But for those of the answers of a model, of a column to split by and of one without a name."""
    known = len(re.findall(r"_N\(", Path(reasons.__file__).read_text(encoding="utf-8"))) - 1
    met = {pattern.pattern for pattern, _ in reasons._SENTENCES if any(map(pattern.fullmatch, sentences()))}
    assert {pattern.pattern for pattern, _ in reasons._SENTENCES} - met == {
        "answer of a model, as is the column prediction", "left out: (?P<what>.*)",
        "rows of one group stay together when some are held out",
        "date: some are not read here: write 2024-12-31"} and known == len(reasons._SENTENCES)


@pytest.mark.parametrize(("target", "values", "problem"), [
    ("y", ("",), None), ("y", ("1",), None), ("y", [f"k{n}" for n in range(ROWS)], None),
    ("y", [f"{n},5" for n in range(ROWS)], None), ("y", ("a", "b"), Problem.REGRESSION),
    ("y", (1.5,), Problem.REGRESSION), ("y", range(3), Problem.BINARY), ("x", (1, 2), None), ("z", (1, 2), None)])
def test_what_is_wrong_with_a_target_is_said_in_russian(target, values, problem):
    table = TableProfile(["yes", "y"])
    table.add({"yes": cells(n / 7 for n in range(ROWS)), "y": cells(values)})
    with pytest.raises(InvalidInput) as failure:
        infer_task(table, TableWish("A b" if target == "x" else "a", target, problem, "y" if target == "z" else None))
    for fault in failure.value.faults:
        assert re.search("[а-я]", faults.translated(RU, Fault(fault.where, fault.problem)).partition(": ")[2]), fault
