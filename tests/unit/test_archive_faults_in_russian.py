"""What is wrong with pictures in a zip, on a Russian page: every sentence that the source can make is known there."""
from __future__ import annotations

import ast

import pytest

from entrypoints.admin import faults
from entrypoints.admin.backend import Fault
from entrypoints.admin.language import language
from tests.sentences import FILLED, scopes, sources, texts

RU = language("ru")
SOURCES = ("adapters/archive", "application/pictures/mask_classes.py", "application/pictures/picture_rows.py")
MAKERS = {"Fault": 1, "refused": 1, "_Odd": 0, "InvalidInput": 0, "TooLarge": 0}
# A place before words that are known by themselves.
PUT_TOGETHER = {f"{FILLED}: {FILLED}", f"{FILLED} {FILLED}", f"{FILLED}: {FILLED}{FILLED}", FILLED,
                f"{FILLED} does not unpack: the zip file is damaged here", f"the name '{FILLED}' {FILLED}",
                f"the name {FILLED} {FILLED}", f"{FILLED}: {FILLED} (and {FILLED} more)"}


def problems() -> list[str]:
    found = set()
    for module in sources(SOURCES):
        for scope, names in scopes(module):
            for node in ast.walk(scope):
                if isinstance(node, ast.Call) and (place := MAKERS.get(ast.unparse(node.func))) is not None:
                    found |= {*texts(node.args[place], names)}
    return sorted(found - PUT_TOGETHER)


def test_the_sentences_are_found():
    assert len(problems()) > 40


@pytest.mark.parametrize("problem", problems())
def test_each_has_its_russian(problem):
    said = faults.said(RU, problem)
    assert said != problem and any("а" <= letter <= "я" for letter in said), said


def test_it_is_told_with_its_file():
    assert faults.translated(RU, Fault("a.png", "is of the class 'cat', and the task has dog, fox")) == (
        "a.png: относится к классу 'cat', а в задаче есть dog, fox")
