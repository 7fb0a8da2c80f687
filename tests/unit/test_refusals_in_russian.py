"""Why something cannot be done as it was asked, on a Russian page: every sentence that the source can make is known
there."""
from __future__ import annotations

import ast

import pytest

from entrypoints.admin import faults
from entrypoints.admin.language import language
from tests.sentences import FILLED, scopes, sources, texts

RU = language("ru")
PLACES = ("application", "domain", "adapters", "entrypoints/http", "entrypoints/formats")
MADE_AS = {"Busy", "Conflict", "Forbidden", "ModelCrashed", "ModelRejected", "NotBetter", "NotEmpty", "NothingDeployed",
           "NothingToCompareWith", "ParityBroken", "RolloutFailed", "UnknownArtifact", "UnknownDatasetVersion",
           "UnknownExperiment", "UnknownKey", "UnknownTask", "UnreadableModel"}


def refusals() -> list[str]:
    return sorted({text for module in sources(PLACES) for scope, names in scopes(module) for node in ast.walk(scope)
                   if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).split(".")[-1] in MADE_AS
                   for text in texts(node.args[0], names)} - {FILLED})


def test_the_sentences_are_found():
    assert len(refusals()) > 50


@pytest.mark.parametrize("refusal", refusals())
def test_each_has_its_russian(refusal):
    said = faults.said(RU, refusal)
    assert said != refusal and any("а" <= letter <= "я" for letter in said), said


def test_why_data_stay_is_said_too():
    assert faults.said(RU, "dataset version 2 of flights stays: experiment 3 is running on it; cancel it first") == (
        "версия данных 2 задачи flights остаётся: на ней обучается эксперимент 3; сначала отмените его")
