"""Why a training failed, on a Russian page: every sentence of ours that may become the reason is known there."""
from __future__ import annotations

import ast
import re

import pytest

from adapters.dvc.pipeline_runner import _reason
from application.use_cases.recover_experiments import ENDED_SILENTLY
from domain.splitting import too_few
from entrypoints.admin import failures
from entrypoints.admin.language import language
from entrypoints.processes.training import STOPPED
from tests.sentences import FILLED, sources, texts

EN, RU = language("en"), language("ru")
# What the process of a training raises, and where. A ValueError there is a fault of ours.
RAISED = {"TrainingFailed", "TrainerUnusable", "UnknownTrainer", "ParityBroken", "NoneSucceeded", "OtherData",
          "UnknownDatasetVersion", "DatabaseFull", "DatabaseReadOnly", "DatabaseDamaged", "DatabaseUnavailable",
          "ArtifactsFull"}
PLACES = ("adapters/catboost", "adapters/matrix", "adapters/efficientnet", "adapters/coded", "adapters/plugins",
          "adapters/files", "adapters/sqlmodel/database.py", "application/training", "application/queries/versions.py",
          "application/use_cases/extract_data.py", "application/use_cases/train_model.py", "domain/parity.py")


def written() -> list[str]:
    """The sentences of the code, with 7 or the held-out rows for what is put into them."""
    found = {sentence for module in sources(PLACES) for node in ast.walk(module)
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED and node.args
             for sentence in texts(node.args[0], {"what": [ast.Constant("the held-out rows")]})}
    return sorted(found - {FILLED})


MADE = [ENDED_SILENTLY, STOPPED, too_few(2, {"train": 2, "valid": 0, "test": 0}), _reason("", 255, 1 << 40),
        _reason("error: the database does not answer\n", 1, 1 << 40), _reason("No space left on device", 1, 5 << 10),
        "the model file differs from the trained model by 0.5 on made rows; 1e-05 is allowed",
        "the model failed on 3 rows", "the disk of PROGON_HOME has no room for the training: No space left on device",
        "60 s were over after 3 of 20 settings", "there are no labelled rows to evaluate on",
        "not a model file that onnxruntime can load",
        "the model gives no number (NaN) for 3 of 9 rows, most likely where a column has no value"]


@pytest.mark.parametrize("sentence", [*written(), *MADE])
def test_every_reason_has_its_russian(sentence):
    said = failures.said(RU, sentence)
    assert said != sentence and re.search("[а-я]", said) and "%(" not in said
    assert "%(" not in failures.said(EN, sentence)


def test_all_that_the_code_says_is_found():
    assert len(written()) > 15 and any("could not train" in sentence for sentence in written())


@pytest.mark.parametrize(("failure", "expected"), [
    ("all 12 training rows have the same late; there is nothing to learn",
     "во всех обучающих строках (12) столбец late одинаков: учиться нечему"),
    ("a label is unknown\nrow 3, column late: is missing", "неизвестная метка\nстрока 3, столбец late: отсутствует"),
    ("none of 4 settings could be trained; the first: the database does not answer",
     "ни одна из настроек (4) не обучилась; первая: база данных не отвечает"),
    ("the training cannot be done so: params.depth must be between 1 and 16, got 99\nparams.depth: is unknown",
     "так обучить нельзя: params.depth: должно быть от 1 до 16, а здесь 99\nparams.depth: неизвестен")])
def test_what_is_put_into_a_sentence_is_kept(failure, expected):
    assert failures.said(RU, failure) == expected


@pytest.mark.parametrize("failure", ["boom", "", "ZeroDivisionError: division by zero", "columns differ: a b",
                                     "%(x)s %s"])
def test_what_is_not_known_stays_as_it_was_written(failure):
    assert failures.said(RU, failure) == failures.said(EN, failure) == failure
