"""What is to be doubted of a model, in the visitor's language."""
from __future__ import annotations

from entrypoints.admin import sentences
from entrypoints.admin.language import Language


def _N(message: str) -> str:  # noqa: N802 - the mark by which Babel finds what is translated later
    return message


_SENTENCES = sentences.patterns((
    (r"(?P<count>\d+) held-out pictures judge this model: .*",
     _N("%(count)s held-out pictures judge this model: with so few of them its metrics are of these pictures and say "
        "little of others")),
    (r"(?P<rows>\d+) held-out rows say little: (?P<metric>\w+) (?P<value>\S+) may as well be from (?P<low>\S+) to "
     r"(?P<high>\S+) \(95 % interval\)",
     _N("%(rows)s held-out rows say little: %(metric)s %(value)s may as well be from %(low)s to %(high)s "
        "(95 percent interval)")),
    (r"(?P<metric>\w+) (?P<value>\S+) on (?P<rows>\d+) held-out rows is not told from chance, which has "
     r"(?P<chance>[\d.]+): .*",
     _N("%(metric)s %(value)s on %(rows)s held-out rows is not told from chance, which has %(chance)s: nothing is "
        "known to be learned that holds for new rows")),
    (r"(?P<metric>\w+) (?P<value>\S+) on (?P<rows>\d+) held-out rows is not told from always answering the "
     r"mean, which has (?P<chance>[\d.]+): .*",
     _N("%(metric)s %(value)s on %(rows)s held-out rows is not told from always answering the mean, which has "
        "%(chance)s: nothing is known to be learned that holds for new rows")),
    (r"(?P<metric>\w+) (?P<value>\S+) on (?P<rows>\d+) held-out rows is not told from always answering (?P<label>.+), "
     r"which has (?P<chance>[\d.]+): .*",
     _N("%(metric)s %(value)s on %(rows)s held-out rows is not told from always answering %(label)s, which has "
        "%(chance)s: nothing is known to be learned that holds for new rows")),
    (r"the training rows are answered far better than the held-out ones, (?P<metric>\w+) (?P<train>\S+) against "
     r"(?P<test>\S+): .*",
     _N("the training rows are answered far better than the held-out ones, %(metric)s %(train)s against %(test)s: much "
        "of what was learned is of these rows alone; try more rows, fewer columns, a smaller or shorter training")),
    (r"(?P<column>.+): (?P<share>\d+)% of the training rows have no value there, .*",
     _N("%(column)s: %(share)s of the training rows have no value there, so little can be learned of it")),
    (r"(?P<column>.+): (?P<share>\d+)% of the words in the rows of valid and test never came in training, .*",
     _N("%(column)s: %(share)s of the words in the rows of valid and test never came in training, so the model "
        "knows nothing of them")),
    (r"(?P<column>.+): (?P<share>\d+)% of the values in the rows of valid and test never came in training, .*",
     _N("%(column)s: %(share)s of the values in the rows of valid and test never came in training, so the model "
        "knows nothing of them")),
    (r"no answer depends on (?P<columns>.+) and (?P<count>\d+) more: .*",
     _N("no answer depends on %(columns)s and %(count)s more: the model found nothing there to learn")),
    (r"no answer depends on (?P<columns>.+): .*",
     _N("no answer depends on %(columns)s: the model found nothing there to learn")),
))


def said(language: Language, warning: str) -> str:
    return sentences.said(language, _SENTENCES, warning)
