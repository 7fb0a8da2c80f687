"""What the API warns of before a training, in the visitor's language."""
from __future__ import annotations

from entrypoints.admin import sentences
from entrypoints.admin.language import Language


def _N(message: str) -> str:  # noqa: N802 - the mark by which Babel finds what is translated later
    return message


_SENTENCES = sentences.patterns((
    (r"(?P<rows>\d+) rows are too few to train on: (?P<least>\d+) at least, .*; here (?P<train>\d+) train, "
     r"(?P<valid>\d+) valid, (?P<test>\d+) test",
     _N("%(rows)s rows are too few to train on: %(least)s at least, or as many groups, for one to train, one to stop "
        "and one to judge by; here %(train)s train, %(valid)s valid, %(test)s test")),
    (r"all (?P<rows>\d+) training rows have the same (?P<target>.+), so a training will fail: .*",
     _N("all %(rows)s training rows have the same %(target)s, so a training will fail: add rows with other values")),
    (r"all (?P<rows>\d+) training rows have the label (?P<label>.+), so a training will fail: .*",
     _N("all %(rows)s training rows have the label %(label)s, so a training will fail: add rows with another")),
    (r"and (?P<count>\d+) labels more", _N("and %(count)s labels more")),
    (r"no row has the label (?P<label>.+), so no model will ever answer it: .*",
     _N("no row has the label %(label)s, so no model will ever answer it: add rows with it")),
    (r"all (?P<rows>\d+) rows with the label (?P<label>.+) are held out \((?P<valid>\d+) to stop a training, "
     r"(?P<test>\d+) to judge it\), .*",
     _N("all %(rows)s rows with the label %(label)s are held out (%(valid)s to stop a training, %(test)s to judge it), "
        "so no model can learn it: add more rows with it")),
    (r"no held-out row has the label (?P<label>.+) \((?P<rows>\d+) rows have\), .*",
     _N("no held-out row has the label %(label)s (%(rows)s rows have), so it is not judged: add more rows with it")),
    (r"(?P<rows>\d+) training rows have the label (?P<label>.+), too few to learn it well: .*",
     _N("%(rows)s training rows have the label %(label)s, too few to learn it well: add more rows with it")),
    (r"(?P<column>.+) alone explains (?P<share>[\d.]+)% of (?P<target>.+): if it is known only afterwards, ignore it",
     _N("%(column)s alone explains %(share)s of %(target)s: if it is known only afterwards, leave it out")),
    (r"(?P<share>[\d.]+)% of the rows have the label (?P<label>.+), so always saying it has that accuracy: judge by "
     r"(?P<metric>\w+), and try class_weights: balanced",
     _N("%(share)s of the rows have the label %(label)s, so always saying it has that accuracy: judge by %(metric)s, "
        "and try class_weights: balanced")),
))


def said(language: Language, warning: str) -> str:
    return sentences.said(language, _SENTENCES, warning)
