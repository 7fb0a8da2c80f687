"""Frames of pandas and polars, answered in every form in which people send them: equal answers, or the reason why not.

`PROGON_TEST_FRAMES` says how many frames are made for each library.
"""
from __future__ import annotations

import csv
import io
import json
import os
import random
import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import polars as pl
import pytest

from adapters.catboost.trainer import CatboostTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.ports.serving_models import ServedModel
from application.serving.single_model import SingleModel
from application.use_cases.answer_rows import AnswerRows
from application.use_cases.create_task import with_targets
from application.use_cases.train_model import TrainModel
from domain.errors import InvalidInput
from domain.kinds.kind import Kind
from domain.rows import JsonRow
from domain.splitting import part
from domain.table import concat
from domain.task import Training
from domain.unseen import Unseen
from entrypoints.formats.formats import TaskWish
from entrypoints.formats.json_rows import decode_row
from entrypoints.settings import Settings
from entrypoints.wiring import get
from entrypoints.wiring.container import make_container
from tests.workbooks import workbook

FRAMES = int(os.environ.get("PROGON_TEST_FRAMES", "20"))
TRAINING_ROWS, MOST_ROWS = 400, 12
IN_PLACE = re.compile(r"row \d+, column .+")

# What stands in each column, by a name; None is a blank.
VALUES = {
    "age": lambda chance: chance.randint(18, 90),
    "income": lambda chance: round(chance.gauss(50, 20), 4),
    "member": lambda chance: chance.random() < 0.5,
    "consent": lambda chance: chance.choice([True, False, None]),
    "answer": lambda chance: chance.choice(["yes", "no", "Yes", None]),
    "only yes": lambda chance: chance.choice([True, None]),
    "shop_code": lambda chance: chance.choice([101, 102, 103, 104]),
    "zip": lambda chance: chance.choice(["00501", "10001", "94105", "00210"]),
    "city": lambda chance: chance.choice(["Омск", 'a "quoted", one', "New York; NY", "TRUE", "None", None]),
    "grade": lambda chance: chance.choice(["1", "2", "3+", "A", None]),
    "version": lambda chance: chance.choice(["1.0", "1.10", "2.0.1", "2.1"]),
    "last seen": lambda chance: chance.choice(["2024-01-05", "2024-02-11", "never", "long ago"]),
    "signed up": lambda chance: f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
    "long": lambda chance: chance.choice([10**6, 3 * 10**9, 2**53, 17]),
    "small": lambda chance: chance.choice([1e-5, 0.25, 3.0, -7.5, 0.0]),
}
BLANKS = ("age", "income", "shop_code", "zip", "last seen", "long", "small")
# A spreadsheet makes other values of these: a date in another writing, 1.1 of 1.10.
LOSSY = {"version", "last seen"}
Column = list[object]


def columns_of(chance: random.Random, rows: int, unseen: bool = False) -> dict[str, Column]:
    """unseen: with values that no training had."""
    made: dict[str, Column] = {name: [value(chance) for _ in range(rows)] for name, value in VALUES.items()}
    for name in BLANKS:
        made[name] = [None if chance.random() < 0.1 else value for value in made[name]]
    if unseen:
        for name, value in (("city", "Berlin"), ("shop_code", 977), ("zip", "00999"), ("grade", "7")):
            made[name] = [value if chance.random() < 0.05 else cell for cell in made[name]]
        if rows > 2 and chance.random() < 0.2:
            # A whole row of nothing, between others.
            blank = chance.randrange(1, rows - 1)
            made = {name: [None if row == blank else cell for row, cell in enumerate(cells)]
                    for name, cells in made.items()}
    return made


@dataclass(frozen=True)
class Library:
    """frame: of columns. csv, lines, records, book: what it writes."""

    name: str

    def frame(self, columns: dict[str, Column]):
        if self.name == "polars":
            return pl.DataFrame(columns, strict=False)
        frame = pd.DataFrame(columns)
        # Some as people make them nullable, some left to pandas: floats with NaN, objects with None.
        return frame.astype({"age": "Int64", "consent": "boolean"})

    def csv(self, frame) -> bytes:
        return (frame.write_csv() if self.name == "polars" else frame.to_csv(index=False)).encode()

    def lines(self, frame) -> bytes:
        if self.name == "polars":
            return frame.write_ndjson().encode()
        return frame.to_json(orient="records", lines=True, double_precision=15, force_ascii=False).encode()

    def records(self, frame) -> list[bytes]:
        text = frame.write_json() if self.name == "polars" else frame.to_json(orient="records", double_precision=15)
        return [json.dumps(record).encode() for record in json.loads(text)]

    def book(self, frame) -> bytes:
        if self.name == "polars":
            return workbook(Sheet=[frame.columns, *frame.rows()])
        written = io.BytesIO()
        frame.to_excel(written, index=False)
        return written.getvalue()


def rewritten(content: bytes, chance: random.Random) -> bytes:
    """A CSV as it comes back from a spreadsheet, or from pandas after one."""
    names, *rows = list(csv.reader(io.StringIO(content.decode())))
    columns = [_rewritten([row[place] for row in rows], chance) for place in range(len(names))]
    text = io.StringIO()
    csv.writer(text, delimiter=chance.choice(",;")).writerows([names, *zip(*columns, strict=True)])
    return text.getvalue().encode("utf-8-sig")


def _rewritten(cells: list[str], chance: random.Random) -> list[str]:
    dates = chance.random() < 0.5
    cells = [_of_a_cell(cell, dates) for cell in cells]
    whole = all(re.fullmatch(r"-?\d+|", cell) for cell in cells)
    return [f"{cell}.0" if cell else "" for cell in cells] if whole and chance.random() < 0.5 else cells


def _of_a_cell(cell: str, dates: bool) -> str:
    """dates: in the form of the spreadsheet's country, which the training has not seen."""
    if cell.lower() in ("true", "false"):
        return cell.upper()
    if dates and (found := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", cell)):
        return f"{found[3]}.{found[2]}.{found[1]}"
    if re.fullmatch(r"-?\d+(\.\d+)?", cell) and len(cell) < 15:
        return f"{float(cell):.15g}"
    return cell


@dataclass(frozen=True)
class Served:
    """A task that was made of a CSV, and its model."""

    formats: object
    answering: AnswerRows
    model: ServedModel

    def file(self, content: bytes) -> Answers:
        rows = self.formats.rows(self.model.task, io.BytesIO(content), False)
        return self._answers(self.answering.execute(self.model.task.name, iter(rows)).parts)

    def rows(self, bodies: list[bytes]) -> Answers:
        """Each by itself."""
        parts, faults = [], []
        for number, body in enumerate(bodies, 1):
            try:
                parts += self.answering.execute(self.model.task.name, JsonRow(decode_row(body))).parts
            except InvalidInput as failure:
                faults += [f"row {number}, {fault.where}" for fault in failure.faults]
        return Refused(faults) if faults else self._answers(iter(parts))

    def _answers(self, parts) -> Answers:
        unseen = Unseen(self.model.runner.card)
        try:
            taken = list(unseen.watched(parts))
        except InvalidInput as failure:
            return Refused([fault.where for fault in failure.faults])
        table = concat([one.table for one in taken])
        cells = {name: values.astype(np.float32) if values.dtype == float else values
                 for name, values in table.columns.items()}
        return Given(cells, np.concatenate([one.answers.shares for one in taken]), unseen.shares())


@dataclass(frozen=True)
class Refused:
    where: list[str]


@dataclass(frozen=True)
class Given:
    cells: dict[str, np.ndarray]
    shares: np.ndarray
    unseen: dict[str, float]


Answers = Refused | Given


@pytest.fixture(scope="module", params=["pandas", "polars"])
def served(request, tmp_path_factory) -> Served:
    folder = tmp_path_factory.mktemp("frames")
    chance, library = random.Random(1), Library(request.param)
    columns = columns_of(chance, TRAINING_ROWS)
    columns["bought"] = [_bought(chance, row) for row in zip(*columns.values(), strict=True)]
    content = library.csv(library.frame(columns))
    container = make_container(Settings(home=folder))
    formats = get.formats(container)[Kind.TABULAR]
    task, _ = formats.infer(TaskWish("frames", "bought"), io.BytesIO(content))
    table = concat(list(with_targets(task, formats.rows(task, io.BytesIO(content), True))))
    made = TrainModel(CatboostTrainer(1), OnnxModelLoader()).execute(
        replace(task, training=Training.of(iterations=30)), part(table, task.split), folder, lambda *_: None)
    model = ServedModel(task, 1, 1, OnnxModelLoader().load(made.model))
    return Served(formats, AnswerRows(SingleModel(model), lambda: 0.0), model)


def _bought(chance: random.Random, row: tuple[object, ...]) -> str:
    weight = sum(len(str(cell)) % 3 for cell in row) + 3 * (row[2] is True) + 2 * (row[6] == 101)
    return "yes" if weight + chance.gauss(0, 2) > 16 else "no"


@pytest.mark.parametrize("library", [Library("pandas"), Library("polars")], ids=lambda library: library.name)
def test_a_frame_in_every_form_gives_equal_answers(served, library):
    told = 0
    for seed in range(FRAMES):
        chance = random.Random(seed)
        frame = library.frame(columns_of(chance, chance.randint(1, MOST_ROWS), unseen=True))
        content = library.csv(frame)
        expected = served.file(content)
        assert isinstance(expected, Given), (seed, expected)
        for form, found in (("lines", served.file(library.lines(frame))), ("book", served.file(library.book(frame))),
                            ("records", served.rows(library.records(frame)))):
            assert difference(expected, found) is None, (seed, form, difference(expected, found))
        back = served.file(rewritten(content, chance))
        told += told_or_equal(expected, back, seed)
    assert told < FRAMES


def difference(expected: Given, found: Answers) -> str | None:
    """What differs, None if nothing does; a refusal that names row and column is no other answer."""
    if isinstance(found, Refused):
        return None if found.where and all(map(IN_PLACE.fullmatch, found.where)) else f"refused at no place: {found}"
    rows = len(expected.shares)
    for name, cells in expected.cells.items():
        if not np.array_equal(cells, found.cells[name], equal_nan=cells.dtype == np.float32):
            return f"{name}: {cells} came as {found.cells[name]}"
    if found.shares.shape[0] != rows or not np.array_equal(expected.shares, found.shares):
        return "other probabilities"
    return None if expected.unseen == found.unseen else f"unseen {expected.unseen} came as {found.unseen}"


def told_or_equal(expected: Given, found: Answers, seed: int) -> bool:
    """Whether a file that a spreadsheet made other values of told so; all else is equal."""
    if difference(expected, found) is None:
        return isinstance(found, Refused)
    assert isinstance(found, Given)
    odd = [name for name, cells in expected.cells.items()
           if not np.array_equal(cells, found.cells[name], equal_nan=cells.dtype == np.float32)]
    assert odd, (seed, difference(expected, found))
    assert set(odd) <= LOSSY and all(found.unseen.get(name, 0) > 0 for name in odd), (
        seed, difference(expected, found), found.unseen)
    return True
