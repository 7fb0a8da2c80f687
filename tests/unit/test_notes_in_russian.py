"""What is told of an imported model, on a Russian page: every note of ours is known there."""
from __future__ import annotations

import ast
import re
from dataclasses import dataclass

import numpy as np
import pytest

from application.ports.model_runner import ModelCrashed
from application.training.trying import odd_notes
from domain.prediction import Predictions
from domain.table import Table
from entrypoints.admin import notes
from entrypoints.admin.language import language
from tests.builders import make_table, make_task
from tests.sentences import sources, texts

EN, RU = language("en"), language("ru")
PLACES = ("adapters/onnx", "application/training/trying.py")


def appended(node: ast.AST) -> ast.expr | None:
    """What a statement adds to the notes."""
    if isinstance(node, ast.Yield) and isinstance(node.value, ast.JoinedStr):
        return node.value
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("notes.append", "self._notes.append"):
        return node.args[0]
    return None


def written() -> list[str]:
    """The notes of the code, with 7 for what is put into them, and the words of a row that is refused."""
    found = [note for module in sources(PLACES) for node in ast.walk(module) if (text := appended(node)) is not None
             for note in texts(text, {})]
    refused = {f"7: a row where it is {words} is refused, {problem}" for words in ("missing", "a text that training "
               "never saw") for problem in ("as the model fails on it", "as the model gives no number for it")}
    return sorted({*found, *refused} - {"7: a row where it is 7 is refused, 7"})


def test_there_are_notes():
    assert len(written()) == 18


@pytest.mark.parametrize("note", written())
def test_every_note_is_known(note):
    russian = notes.said(RU, note)
    assert russian != note and re.search("[а-я]", russian)
    assert notes.said(EN, note)
    assert russian.count("7") == note.count("7"), "what was put in is there still"


@dataclass
class Silent:
    """Of a row with something odd no number, or no answer at all."""

    fails: bool

    def predict(self, table: Table) -> Predictions:
        if self.fails:
            raise ModelCrashed("the model failed on 1 rows")
        nothing = np.full((table.n_rows, 2), np.nan, np.float32)
        return Predictions(np.zeros(table.n_rows, np.int64), nothing, (0, 1))


@pytest.mark.parametrize("fails", [False, True])
def test_the_words_of_a_refused_row_are_those_that_are_made(fails):
    task = make_task()
    made = list(odd_notes(make_table(task, 3), task.schema.features, Silent(fails)))
    assert any("missing" in note for note in made) and any("a text that" in note for note in made)
    assert all(re.search("[а-я]", notes.said(RU, note)) for note in made)


def test_what_nobody_knows_stays_as_it_was_said():
    assert notes.said(RU, "taken for <b>") == "taken for <b>"
