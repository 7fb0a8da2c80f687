"""Why something cannot be done as it was asked, in the visitor's language."""
from __future__ import annotations

from entrypoints.admin import sentences
from entrypoints.admin.language import Language


def _N(message: str) -> str:  # noqa: N802 - the mark by which Babel finds what is translated later
    return message


_OF_SERVING = (
    (r"experiment (?P<id>\d+) is (?P<status>\w+); only a succeeded one can be deployed",
     _N("experiment %(id)s has not succeeded; only one that has can be deployed")),
    (r"experiment (?P<id>\d+) is (?P<status>\w+); only a succeeded one can be compared",
     _N("experiment %(id)s has not succeeded; only one that has can be compared")),
    (r"experiment (?P<id>\d+) is (?P<status>\w+); cancel it first",
     _N("experiment %(id)s has not ended; cancel it first")),
    (r"experiment (?P<id>\d+) serves the task (?P<task>\S+); deploy another one first",
     _N("experiment %(id)s serves %(task)s; deploy another one first")),
    (r"experiment (?P<id>\d+) is the \w+ of the task (?P<task>\S+); abort the rollout first",
     _N("experiment %(id)s is the candidate of %(task)s; abort the rollout first")),
    (r"nothing serves (?P<task>\S+), which a candidate could be put beside; deploy the experiment",
     _N("nothing serves %(task)s yet; deploy the experiment for every request")),
    (r"the task (?P<task>\S+) was deployed by somebody else meanwhile",
     _N("somebody else has deployed %(task)s meanwhile; look again")),
    (r"experiment (?P<id>\d+), which served before, was deleted; deploy another one",
     _N("experiment %(id)s, which served before, was deleted; deploy another one")),
    (r"the task (?P<task>\S+) has no earlier deployment to go back to",
     _N("nothing served %(task)s before what serves now")),
    (r"task (?P<task>\S+) has a deployment (?P<generation>\d+) already",
     _N("somebody else has deployed %(task)s at the same moment; try again")),
    (r"experiment (?P<id>\d+) is not better: (?P<metric>\w+) (?P<new>\S+) against (?P<old>\S+) of experiment "
     r"(?P<other>\d+), both on dataset version (?P<version>\d+)",
     _N("experiment %(id)s is not better: %(metric)s %(new)s against %(old)s of experiment %(other)s, both on "
        "dataset version %(version)s")),
    (r"no experiment of the task (?P<task>\S+) is deployed", _N("no experiment of %(task)s is deployed")),
    (r"this process serves the task (?P<task>\S+) alone", _N("this process serves %(task)s alone")),
    (r"experiment (?P<id>\d+) was not taken over: (?P<why>.*)", _N("experiment %(id)s was not taken over: %(why)s")),
    (r"there is no artifact (?P<path>.*)", _N("there is no file %(path)s")),
)
_OF_TASKS = (
    (r"experiment (?P<id>\d+) of the task (?P<task>\S+) does not end; delete the task once more when it has",
     _N("experiment %(id)s of %(task)s does not end; delete the task once more when it has")),
    (r"the task (?P<task>\S+) was changed by somebody else meanwhile; look at it and try again",
     _N("somebody else has changed %(task)s meanwhile; look at it and try again")),
    (r"the task (?P<task>\S+) was deleted meanwhile", _N("%(task)s was deleted meanwhile")),
    (r"the task (?P<task>\S+) has no schema version (?P<version>\S+)",
     _N("%(task)s has no schema version %(version)s")),
    (r"there is no key (?P<id>\S+)", _N("there is no key %(id)s")),
    (r"experiment (?P<id>\d+) was cancelled", _N("experiment %(id)s was cancelled")),
)
_OF_DATA = (
    (r"the newest dataset version of (?P<task>\S+) is (?P<newest>\d+), not (?P<version>\d+)",
     _N("the newest dataset version of %(task)s is %(newest)s, not %(version)s")),
    (r"dataset version (?P<version>\d+) of (?P<task>\S+) stays: (?P<rest>.*)",
     _N("dataset version %(version)s of %(task)s stays: %(rest)s")),
    (r"the batch did not grow for (?P<time>.*) and was given up, or its task was deleted; send it again",
     _N("the rows stopped coming for %(time)s and were given up, or the task was deleted; send the file again")),
    (r"dataset version (?P<version>\d+) of the task (?P<task>\S+), which experiment (?P<id>\d+) has learned from, "
     r"is not there to compare rows with",
     _N("dataset version %(version)s of %(task)s, which experiment %(id)s has learned from, is not there to "
        "compare rows with")),
    (r"the task (?P<task>\S+) has no data yet; add some first", _N("%(task)s has no data yet; add some first")),
    (r"(?:the )?task (?P<task>\S+) has no dataset version (?P<version>\S+)",
     _N("%(task)s has no dataset version %(version)s")),
    (r"the task (?P<task>\S+) has no data", _N("%(task)s has no data")),
    (r"data of the task (?P<task>\S+) were removed meanwhile", _N("data of %(task)s were removed meanwhile")),
    (r"there are tasks or experiments here; a backup is restored where there is nothing",
     _N("there are tasks or experiments here; a backup is restored where there is nothing")),
)
_OF_KEYS = (
    (r"the key (?P<key>.*) has not the right (?P<right>.*), which a new task asks for",
     _N("the key %(key)s has not the right %(right)s, which a new task asks for")),
    (r"the key (?P<key>.*) has not the right (?P<right>.*); it has (?P<rights>.*)",
     _N("the key %(key)s has not the right %(right)s; it has %(rights)s")),
    (r"the key (?P<key>.*) is of (?P<tasks>.*) alone: name the task with \?task=NAME where the request takes it",
     _N("the key %(key)s is of %(tasks)s alone: choose a task")),
    (r"the key (?P<key>.*) is of (?P<tasks>.*) alone, not of (?P<task>.*)",
     _N("the key %(key)s is of %(tasks)s alone, not of %(task)s")),
    (r"column (?P<column>.*) is private: these rows are given away on the machine of the service alone, by progon "
     r"export-data",
     _N("column %(column)s is private: these rows are given away on the machine of the service alone, by progon "
        "export-data")),
)
_OF_MODELS = (
    (r"the model file was made for the task (?P<made>.*), not (?P<task>\S+)",
     _N("the model file was made for the task %(made)s, not %(task)s")),
    (r"the model file takes other columns than the task has: (?P<odd>.*)",
     _N("the model file takes other columns than the task has: %(odd)s")),
    (r"the model file gives the labels (?P<given>.*), the task has (?P<known>.*)",
     _N("the model file gives the labels %(given)s, the task has %(known)s")),
    (r"the model file carries no probe by which its answers could be checked",
     _N("the model file carries no probe by which its answers could be checked")),
    (r"the model file differs from the trained model by (?P<apart>\S+) on (?P<what>.*); (?P<allowed>\S+) is allowed",
     _N("the model file answers otherwise than the trained model, by %(apart)s on %(what)s; %(allowed)s is "
        "allowed")),
    (r"the model file of experiment (?P<id>\d+) is damaged, or was changed: .*",
     _N("the model file of experiment %(id)s is damaged, or was changed")),
    (r"a model file of pictures by class has labels in its metadata and the output probabilities",
     _N("a model file of pictures by class has labels in its metadata and the output probabilities")),
    (r"the inputs (?P<names>.*) are neither tensor\(float\) nor tensor\(string\)",
     _N("the inputs %(names)s are neither tensor(float) nor tensor(string)")),
    (r"the input (?P<name>.*) is not \[N, height, width, channels\]",
     _N("the input %(name)s is not [N, height, width, channels]")),
    (r"the metadata `tiling` cannot be read", _N("the metadata `tiling` cannot be read")),
    (r"not a model file that onnxruntime can load", _N("not a model file that onnxruntime can load")),
    (r"the model file has no output called prediction", _N("the model file has no output called prediction")),
    (r"the labels in the model file's metadata are not a JSON list",
     _N("the labels in the model file's metadata are not a JSON list")),
    (r"not an ONNX file", _N("not an ONNX file")),
)
_OF_BUSYNESS = (
    (r"what other requests have in memory leaves no room for this one",
     _N("what other requests have in memory leaves no room for this one; try again")),
    (r"the work took longer than the (?P<s>\S+) s that it may take \(.*\)",
     _N("the work took longer than the %(s)s s that it may take")),
    (r"the service is being stopped", _N("the service is being stopped")),
    (r"every slot for long requests is taken", _N("every slot for long requests is taken; try again")),
    (r"which keys there are is not known yet: the database does not answer",
     _N("which keys there are is not known yet: the database does not answer")),
)
# Why data stay.
_WITHIN = sentences.patterns((
    (r"experiment (?P<id>\d+) is \w+ on it; cancel it first",
     _N("experiment %(id)s is trained on it; cancel it first")),
    (r"experiment (?P<id>\d+), which serves, learned from it; deploy another one first",
     _N("experiment %(id)s, which serves, learned from it; deploy another one first")),
    (r"experiment (?P<id>\d+), which is a \w+, learned from it; abort the rollout first",
     _N("experiment %(id)s, which is the candidate, learned from it; abort the rollout first")),
))
_SENTENCES = sentences.patterns((
    *_OF_SERVING, *_OF_TASKS, *_OF_DATA, *_OF_KEYS, *_OF_MODELS, *_OF_BUSYNESS))


def said(language: Language, sentence: str) -> str:
    """As it was written, where it is not known."""
    return sentences.said(language, _SENTENCES, sentence, _WITHIN)
