"""What is wrong with a model that is to be imported, on a Russian page: every sentence that the import can make is
known there."""
from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from entrypoints.admin import failures, faults, import_faults
from entrypoints.admin.backend import Fault
from entrypoints.admin.language import language
from tests.sentences import FILLED, Names, scopes, sources, texts

EN, RU = language("en"), language("ru")
ARCHIVES = ("adapters/archive/contents.py", "adapters/archive/file_archive.py", "adapters/archive/class_archive.py",
            "adapters/archive/unpacking.py")
FAULTY = (*ARCHIVES, "adapters/onnx/foreign", "adapters/onnx/model_wrapper.py", "domain/model_mapping.py",
          "domain/picture_mapping.py", "entrypoints/formats/import_forms.py", "entrypoints/formats/model_files.py",
          "entrypoints/formats/check_files.py", "entrypoints/formats/picture_checks.py",
          "entrypoints/formats/mask_checks.py", "entrypoints/formats/documents.py",
          "application/use_cases/import_model.py", "application/use_cases/export_data.py",
          "application/training/asked.py", "application/training/trying.py")
TRIED = (*ARCHIVES, "adapters/onnx", "adapters/subprocess/model_trial.py",
         "application/training/trying.py", "domain/makers_answers.py", "domain/makers_masks.py",
         "entrypoints/formats/model_files.py")
REFUSED = {"ModelCrashed", "TooSlow", "UnsteadyModel", "ParityBroken", "TooLarge"}
STEPS = ("application/use_cases/try_model.py", "adapters/subprocess/model_trial.py")
# Words of other faults that are put together with a place, and what no import comes by.
NONE_OF_OURS = {FILLED, f"{FILLED}: {FILLED}", f"{FILLED} cannot be read: {FILLED}",
                f"{FILLED} is not given away; known are {FILLED}"}


def calls(places: Collection[str]) -> Iterator[tuple[str, ast.Call, Names]]:
    for module in sources(places):
        for scope, names in scopes(module):
            for node in ast.walk(scope):
                if isinstance(node, ast.Call):
                    yield ast.unparse(node.func), node, names


def problems() -> list[str]:
    found = set()
    for called, call, names in calls(FAULTY):
        if called == "Fault" or called.endswith("faults.add"):
            found |= {*texts(call.args[1], names)}
        elif called.strip("_") == "refused" or called == "InvalidInput" and len(call.args) == 1:
            found |= {*texts(call.args[0], names)}
    return sorted((found | of_zips()) - NONE_OF_OURS)


def of_zips() -> set[str]:
    """What a file of an archive is refused for."""
    return {text for module in sources(ARCHIVES) for scope, names in scopes(module) if scope.name == "_problem"
            for node in ast.walk(scope) if isinstance(node, ast.Return) for text in texts(node.value, names)}


def places() -> list[str]:
    """As those of faults that are no keys of a mapping."""
    found = {place for called, call, names in calls(FAULTY) if called == "Fault" or called.endswith("faults.add")
             for place in texts(call.args[0], names)}
    return sorted(place for place in found if re.fullmatch("(in|out)put .*|file|model|mapping|check", place))


def refusals() -> list[str]:
    found = set()
    for called, call, names in calls(TRIED):
        if called in REFUSED:
            found |= {*texts(call.args[0], names)}
    return sorted(found)


def steps() -> list[str]:
    begun = {text for called, call, names in calls(STEPS) if called in ("begin", "steps.begin")
             for text in texts(call.args[0], names)}
    return sorted({*begun, "to begin"} - {FILLED})


def is_russian(said: str, sentence: str) -> bool:
    """With all that was put in, and no other English words than are to be written into a mapping."""
    return said != sentence and bool(re.search("[а-я]", said)) and "%(" not in said and (
        FILLED in said) == (FILLED in sentence)


def test_there_are_sentences():
    assert [len(problems()) > 90, len(of_zips()) > 4, len(refusals()) > 15, len(steps()) == 10, len(places()) == 6
            ] == [True] * 5


@pytest.mark.parametrize("problem", problems())
def test_every_fault_has_its_russian(problem):
    assert is_russian(faults.said(RU, problem), problem)
    assert "%(" not in faults.said(EN, problem)


@pytest.mark.parametrize("place", places())
def test_every_place_has_its_russian(place):
    assert is_russian(faults.translated(RU, Fault(place, "is missing")).partition(":")[0], place)


@pytest.mark.parametrize("refusal", refusals())
def test_why_a_trial_ended_has_its_russian(refusal):
    assert is_russian(faults.said(RU, refusal), refusal)
    assert "%(" not in faults.said(EN, refusal)


@pytest.mark.parametrize("step", steps())
@pytest.mark.parametrize("sentence", [
    "the model needs more than 30 s {}, which is what it is given", "the model took its process down with signal "
    "SIGSEGV {}", "the model needs more than the 4096 MB that it is given, {}",
    "the trial of the model was not done within 300 s, when it was given its time {}: the task has many rows for it, "
    "or the machine is busy"])
def test_every_step_of_a_trial_has_its_russian(step, sentence):
    said = faults.said(RU, sentence.format(step))
    assert not re.search("[a-z]", said.replace("SIGSEGV", "").replace("signal", "")), said


@pytest.mark.parametrize(("where", "problem", "said"), [
    ("input x", "takes 3 columns, and 4 would go in (a, b, c, d): say inputs.x.columns: [...]",
     "вход x: принимает столбцов: 3, а подано было бы 4 (a, b, c, d): укажите inputs.x.columns: [...]"),
    ("outputs", "which of a, b holds the probabilities? Say outputs.probabilities: NAME",
     "outputs: какой из выходов a, b содержит probabilities? Укажите outputs.probabilities: ИМЯ"),
    ("picture.layout", "is in doubt, as x is [any, 3, 3, 3]: say NCHW or NHWC",
     "picture.layout: неясно, так как x имеет вид [any, 3, 3, 3]: укажите NCHW или NHWC"),
    ("picture.colours", 'expected RGB or BGR or GREY, got "red"',
     'picture.colours: нужно RGB or BGR or GREY, а здесь "red"'),
    ("check, row 3, column temp", 'expected a number, got "x"',
     'ответы исходной модели, строка 3, столбец temp: нужно число, а здесь "x"'),
    ("check", "has no rows", "ответы исходной модели: нет ни одной строки"),
    ("output <b>", "is no tensor", "выход <b>: это не тензор"),
    ("check", "is of no known kind", "ответы исходной модели: is of no known kind")])
def test_what_is_put_into_a_fault_is_kept(where, problem, said):
    assert faults.translated(RU, Fault(where, problem)) == said


def test_why_the_maker_answers_otherwise():
    label, share = ("the file answers differently from its maker on 3 of 1,200 rows of the check, most on row 7: the "
                    "label is another there. The conversion to ONNX changed the model",
                    "the file answers differently from its maker on 3 of 9 rows of the check by up to 0.25 (0.0001 is "
                    "allowed), most on row 7: the probability is another there. The conversion to ONNX changed the "
                    "model")
    assert "3 из 1,200, впервые в строке 7: не совпадает метка" in faults.said(RU, label)
    assert "на 0.25 (допустимо 0.0001), в строке 7: не совпадает вероятность" in faults.said(RU, share)
    pixels = ("the file answers differently from its maker on 12 of 6,720 pixels in 1 of 3 pictures of the check, most "
              "in images/a.png: the class is another there, to which the file gives a probability larger by up to 0.93 "
              "(1e-05 is allowed). The conversion to ONNX changed the model, or its maker scales or resizes "
              "pictures or orders the classes otherwise than the mapping")
    assert ("пикселей: 12 из 6,720, снимков: 1 из 3, больше всего в images/a.png: там другой класс, и файл даёт ему "
            "вероятность больше на величину до 0.93 (допустимо 1e-05)") in faults.said(RU, pixels)
    rows = ("the model has no answer to 1 of 9 held-out rows: it gives no number (NaN) there. If that is where a "
            "column has no value, say under missing what is to stand for one")
    assert "нет ответа (отложенные строки: 1 из 9)" in faults.said(RU, rows)


def test_a_training_whose_model_fails_is_told_alike():
    assert failures.said(RU, "the model failed on 3 rows") == faults.said(RU, "the model failed on 3 rows")


def test_every_sentence_that_is_known_comes_up():
    """Of one that nobody says any more, its Russian is to go too."""
    met = [*problems(), *refusals()]
    assert [pattern.pattern for pattern, _ in import_faults._SENTENCES
            if not any(map(pattern.fullmatch, met))] == []
    words = [*steps(), "training rows", "rows of valid", "held-out rows", "two", "label", "probability", "number"]
    assert [pattern.pattern for pattern, _ in import_faults._WITHIN if not any(map(pattern.fullmatch, words))] == []
    assert len(import_faults._SENTENCES) + len(import_faults._WITHIN) == len(
        re.findall(r"_N\(", Path(import_faults.__file__).read_text(encoding="utf-8"))) - 1
