"""Why a training failed, in the visitor's language. What libraries and programs say stays as they say it."""
from __future__ import annotations

import re

from entrypoints.admin import faults, sentences
from entrypoints.admin.backend import Fault
from entrypoints.admin.language import Language


def _N(message: str) -> str:  # noqa: N802 - the mark by which Babel finds what is translated later
    return message


_SENTENCES = sentences.patterns((
    (r"the process that ran it ended without telling why",
     _N("the process that trained ended and left no reason: it may have been killed, or had no memory left")),
    (r"the service was stopped while it ran", _N("the service was stopped while it was trained")),
    (r"(?P<rows>\d+) rows are too few to train on: (?P<least>\d+) at least, or .*; here (?P<train>\d+) train, "
     r"(?P<valid>\d+) valid, (?P<test>\d+) test",
     _N("%(rows)s rows are too few to train on: at least %(least)s rows, groups or moments are needed, one to train, "
        "one to stop and one to judge by; here %(train)s train, %(valid)s valid, %(test)s test")),
    (r"there are no labelled rows to evaluate on", _N("there are no labelled rows to evaluate on")),
    (r"a label is unknown", _N("a label is unknown")),
    (r"all (?P<rows>\d+) training rows have the same (?P<column>.*); there is nothing to learn",
     _N("all %(rows)s training rows have the same %(column)s: there is nothing to learn")),
    (r"all pixels of the training masks are void; there is nothing to learn",
     _N("all pixels of the training masks are void: there is nothing to learn")),
    (r"all pixels of the training masks are (?P<label>.*); there is nothing to learn",
     _N("all pixels of the training masks are %(label)s: there is nothing to learn")),
    (r"CatBoost could not train: (?P<what>.*)", _N("CatBoost could not train: %(what)s")),
    (r"LightGBM could not train: (?P<what>.*)", _N("LightGBM could not train: %(what)s")),
    (r"a split by (?P<what>.*) has no place in the model file",
     _N("a split by %(what)s cannot be written into the model file")),
    (r"skl2onnx is not installed here: (?P<what>.*)", _N("skl2onnx is not installed here: %(what)s")),
    (r"skl2onnx cannot convert (?P<what>.*?): (?P<why>.*)", _N("skl2onnx cannot convert %(what)s: %(why)s")),
    (r"the model file differs from the trained model by (?P<difference>\S+) on the held-out rows; "
     r"(?P<allowed>\S+) is allowed",
     _N("the model file answers held-out rows otherwise than the trained model, by %(difference)s; %(allowed)s is "
        "allowed")),
    (r"the model file differs from the trained model by (?P<difference>\S+) on made rows; (?P<allowed>\S+) is allowed",
     _N("the model file answers made-up rows otherwise than the trained model, by %(difference)s; %(allowed)s is "
        "allowed")),
    (r"the trainer (?P<name>.*?) cannot be loaded: (?P<why>.*)", _N("the trainer %(name)s cannot be loaded: %(why)s")),
    (r"the trainer (?P<name>.*?) calls itself (?P<said>.*); its file or entry point has to be called as it is",
     _N("the trainer %(name)s calls itself %(said)s; its file or entry point has to be called so too")),
    (r"there is no trainer (?P<name>.*?) here; there are (?P<known>.*)",
     _N("there is no trainer %(name)s here; there are %(known)s")),
    (r"(?P<count>\d+) trainers are called (?P<name>.*); a name is given once",
     _N("%(count)s trainers are called %(name)s; a name can be given once only")),
    (r"(?P<file>.*) has (?P<count>\d+) classes with describe and fit; expected one",
     _N("%(file)s has %(count)s classes with describe and fit; one is expected")),
    (r"the task (?P<task>\S+) has no data yet; add some first",
     _N("the task %(task)s has no data yet: add some first")),
    (r"the task (?P<task>\S+) has no dataset version (?P<version>\S+)",
     _N("the task %(task)s has no dataset version %(version)s")),
    (r"dataset version (?P<version>\S+) of (?P<task>\S+) holds other rows than the pinned ones: .*",
     _N("dataset version %(version)s of %(task)s holds other rows than those that were to be trained on")),
    (r"not a model file that onnxruntime can load", _N("the model file cannot be loaded by onnxruntime")),
    (r"dvc ended with (?P<code>-?\d+) and said nothing", _N("dvc ended with code %(code)s and said nothing")),
    (r"the database does not answer", _N("the database does not answer")),
    (r"the database is read-only", _N("the database is read-only")),
    (r"the database is damaged: .*", _N("the database is damaged: restore a backup")),
    (r"the disk that the database lies on has no room", _N("the disk of the database has no room")),
    (r"the disk of the artifacts has no room: (?P<what>.*)", _N("the disk of the artifacts has no room: %(what)s")),
    (r"(?P<seconds>\S+) s were over after (?P<done>\d+) of (?P<planned>\d+) settings",
     _N("the time of %(seconds)s s was over after %(done)s of %(planned)s settings")),
))
_NESTED = sentences.patterns((
    (r"none of (?P<count>\d+) settings could be trained; the first: (?P<rest>.*)",
     _N("none of %(count)s settings could be trained; the first: %(rest)s")),
    (r"the disk of PROGON_HOME has no room for the training: (?P<free>\d+) kB were free at its least; (?P<rest>.*)",
     _N("the disk of PROGON_HOME has no room for the training: %(free)s kB were free at the least; %(rest)s")),
    (r"the disk of PROGON_HOME has no room for the training: (?P<rest>.*)",
     _N("the disk of PROGON_HOME has no room for the training: %(rest)s")),
    (r"the training cannot be done so: (?P<rest>.*)", _N("the training cannot be done so: %(rest)s")),
))
# A fault below the sentence, as a stage prints it.
_FAULT = re.compile(r"(?P<where>row \d+(?:, column .+?)?|column .+?|params\.\S+?)(?:: | )(?P<problem>.*)", re.DOTALL)


def said(language: Language, failure: str) -> str:
    """As it was written, where it is not known."""
    for pattern, message in _NESTED:
        if match := pattern.fullmatch(failure):
            groups = match.groupdict()
            return language(message, **groups | {"rest": said(language, groups["rest"])})
    whole = sentences.said(language, _SENTENCES, failure)
    return whole if whole != failure else "\n".join(_line(language, line) for line in failure.split("\n"))


def _line(language: Language, line: str) -> str:
    told = sentences.said(language, _SENTENCES, line)
    if told != line:
        return told
    match = _FAULT.fullmatch(line)
    return faults.translated(language, Fault(match["where"], match["problem"])) if match else faults.said(
        language, line)
