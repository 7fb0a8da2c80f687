"""What is wrong with a model that is to be imported, and why its trial ended, in the visitor's language. Keys of a
mapping stay as they are to be written."""
from __future__ import annotations

from entrypoints.admin import sentences
from entrypoints.admin.language import Language


def _N(message: str) -> str:  # noqa: N802 - the mark by which Babel finds what is translated later
    return message


_OF_THE_FILE = (
    (r"is missing: the file with the model", _N("is missing: the file with the model")),
    (r"is empty", _N("is empty")),
    (r"is no ONNX file, or not all of one", _N("is no ONNX file, or not all of one")),
    (r"keeps weights \((?P<name>.*)\) in another file: save it as one, or send all as a zip",
     _N("keeps weights (%(name)s) in another file: save it as one, or send all as a zip")),
    (r"is of IR version (?P<version>\d+); up to (?P<newest>\d+) can be read",
     _N("is of IR version %(version)s; up to %(newest)s can be read")),
    (r"is of opset (?P<version>\d+); export it with (?P<oldest>\d+) or newer",
     _N("is of opset %(version)s; export it with %(oldest)s or newer")),
    (r"is of opset (?P<version>\d+); export models of pictures with (?P<oldest>\d+) or newer",
     _N("is of opset %(version)s; export models of pictures with %(oldest)s or newer")),
    (r"needs opset (?P<version>-?\d+) of (?P<domain>.*); up to (?P<newest>\d+) is known",
     _N("needs opset %(version)s of %(domain)s; up to %(newest)s is known")),
    (r"needs operators of (?P<domain>.*), which stock onnxruntime has not",
     _N("needs operators of %(domain)s, which stock onnxruntime has not")),
    (r"has the operator (?P<operator>.*) of (?P<domain>.*), which stock onnxruntime has not",
     _N("has the operator %(operator)s of %(domain)s, which stock onnxruntime has not")),
    (r"has the operator (?P<operator>.*), which opset (?P<version>\d+) of (?P<domain>.*) has not",
     _N("has the operator %(operator)s, which opset %(version)s of %(domain)s has not")),
    (r"takes no inputs: it answers every row alike", _N("takes no inputs: it answers every row alike")),
    (r"takes (?P<count>\d+) inputs \((?P<names>.*)\), and a picture is one",
     _N("takes %(count)s inputs (%(names)s), and a picture is one")),
    (r"onnxruntime cannot load it: (?P<why>.*)", _N("onnxruntime cannot load it: %(why)s")),
    (r"is a zip with (?P<count>\d+) files MLmodel: send ONNX, or the folder of one MLflow model",
     _N("is a zip with %(count)s files MLmodel: send ONNX, or the folder of one MLflow model")),
    (r"names (?P<path>.*) in its MLmodel, which is not in the zip",
     _N("names %(path)s in its MLmodel, which is not in the zip")),
    (r"is an MLflow model without the flavour onnx \(it has none\): log it by mlflow.onnx",
     _N("is an MLflow model without any flavour: log it by mlflow.onnx")),
    (r"is an MLflow model without the flavour onnx \(it has (?P<known>.*)\): log it by mlflow.onnx",
     _N("is an MLflow model without the flavour onnx (it has %(known)s): log it by mlflow.onnx")),
    (r"this is no zip file, or a part of it is missing at its end",
     _N("this is no zip file, or a part of it is missing at its end")),
    (r"the zip file is broken: its end record is not where it says",
     _N("the zip file is broken: its end record is not where it says")),
    (r"the zip file is broken: (?P<why>.*)", _N("the zip file is broken: %(why)s")),
    (r"the model has more than the (?P<most>\d+) MB allowed", _N("the model has more than the %(most)s MB allowed")),
    (r"the zip file holds (?P<count>\d+) files; (?P<most>\d+) are allowed",
     _N("the zip file holds %(count)s files; %(most)s are allowed")),
    (r"the zip file lists (?P<count>\d+) files in (?P<size>\d+) bytes; (?P<most>\d+) are allowed",
     _N("the zip file lists %(count)s files in %(size)s bytes; %(most)s are allowed")),
    (r"the zip file unpacks to (?P<size>\S+) bytes; (?P<most>\S+) are allowed",
     _N("the zip file unpacks to %(size)s bytes; %(most)s are allowed")),
    (r"the zip file unpacks to more than (?P<most>\S+) bytes", _N("the zip file unpacks to more than %(most)s bytes")),
    (r"(?P<name>.*) unpacks to more than (?P<most>\S+) bytes", _N("%(name)s unpacks to more than %(most)s bytes")),
    (r"the zip file holds no pictures", _N("the zip file holds no pictures")),
    (r"is a video; save its frames as pictures to give them a class",
     _N("is a video; save its frames as pictures to give them a class")),
    (r"is a table of labels beside (?P<name>.*); leave one of them",
     _N("is a table of labels beside %(name)s; leave one of them")),
    (r"the outlines in the zip file have more than (?P<most>\S+) points",
     _N("the outlines in the zip file have more than %(most)s points")),
    (r"(?P<name>.*) has (?P<size>\S+) bytes; of a JSON file (?P<most>\S+) are allowed",
     _N("%(name)s has %(size)s bytes; of a JSON file %(most)s are allowed")),
    (r"leads out of the archive", _N("leads out of the archive")),
    (r"is a link", _N("is a link")),
    (r"is packed by a method other than deflate", _N("is packed by a method other than deflate")),
    (r"has (?P<size>\S+) bytes; (?P<most>\S+) are allowed", _N("has %(size)s bytes; %(most)s are allowed")),
    (r"(?P<name>.*) has (?P<size>\S+) bytes; (?P<most>\S+) are allowed",
     _N("%(name)s has %(size)s bytes; %(most)s are allowed")),
)
_OF_INPUTS = (
    (r"is neither a tensor of numbers nor one of texts", _N("is neither a tensor of numbers nor one of texts")),
    (r"has (?P<rank>\d+) dimensions; rows of a table have one or two",
     _N("has %(rank)s dimensions; rows of a table have one or two")),
    (r"which columns go in\? Say (?P<key>.*): \[\.\.\.\]", _N("which columns go in? Say %(key)s: [...]")),
    (r"there is no column (?P<names>.*); the task has (?P<known>.*)",
     _N("there is no column %(names)s; the task has %(known)s")),
    (r"there is no column (?P<name>.*)", _N("there is no column %(name)s")),
    (r"takes (?P<takes>\d+) columns, and (?P<count>\d+) would go in \((?P<names>.*)\): say (?P<key>.*): \[\.\.\.\]",
     _N("takes %(takes)s columns, and %(count)s would go in (%(names)s): say %(key)s: [...]")),
    (r"(?P<column>.*) needs no categories: the input takes texts",
     _N("%(column)s needs no categories: the input takes texts")),
    (r"(?P<column>.*) needs no categories: it is a number", _N("%(column)s needs no categories: it is a number")),
    (r"takes numbers, and (?P<column>.*) holds texts: say (?P<key>.*): \[\.\.\.\], in the order of their numbers",
     _N("takes numbers, and %(column)s holds texts: say %(key)s: [...], in the order of their numbers")),
    (r"takes texts, and (?P<column>.*) is a number", _N("takes texts, and %(column)s is a number")),
    (r"takes whole numbers, and none stands for a missing (?P<column>.*): say (?P<key>.*)",
     _N("takes whole numbers, and none stands for a missing %(column)s: say %(key)s")),
    (r"is no input of the model, which has (?P<known>.*)", _N("is no input of the model, which has %(known)s")),
    (r"is none of the columns of this input", _N("is none of the columns of this input")),
    (r"a number goes in here, and a text is said", _N("a number goes in here, and a text is said")),
)
_OF_OUTPUTS = (
    (r"the model has (?P<count>\d+) classes, (?P<classes>.*); the task has (?P<labels>.*): say labels: \[\.\.\.\], "
     r"the task's labels in the model's order",
     _N("the model has %(count)s classes, %(classes)s; the task has %(labels)s: say labels: [...], the task's labels "
        "in the model's order")),
    (r"a regression has none", _N("a regression has none")),
    (r"the model has no output (?P<name>.*); it has (?P<known>.*)",
     _N("the model has no output %(name)s; it has %(known)s")),
    (r"a regression has no (?P<kind>\w+): say outputs\.prediction: (?P<name>.*)",
     _N("a regression has no %(kind)s: say outputs.prediction: %(name)s")),
    (r"which of (?P<names>.*) holds the (?P<kind>\w+)\? Say outputs\.\w+: NAME",
     _N("which of %(names)s holds the %(kind)s? Say outputs.%(kind)s: NAME")),
    (r"(?P<names>.*): none holds (?P<kind>\w+); if labels alone will do, say outputs\.prediction: NAME",
     _N("%(names)s: none holds %(kind)s; if labels alone will do, say outputs.prediction: NAME")),
    (r"(?P<names>.*): none holds (?P<kind>\w+)", _N("%(names)s: none holds %(kind)s")),
    (r"is no tensor", _N("is no tensor")),
    (r"has (?P<rank>\d+) dimensions; answers to rows have one or two",
     _N("has %(rank)s dimensions; answers to rows have one or two")),
    (r"has (?P<rank>\d+) dimensions; a mask for each of (?P<count>\d+) classes has four, NCHW or NHWC",
     _N("has %(rank)s dimensions; a mask for each of %(count)s classes has four, NCHW or NHWC")),
    (r"gives (?P<count>\d+) numbers a row, and the task has one number",
     _N("gives %(count)s numbers a row, and the task has one number")),
    (r"gives (?P<count>\d+) numbers a row, and the task has (?P<classes>\d+) classes",
     _N("gives %(count)s numbers a row, and the task has %(classes)s classes")),
    (r"gives (?P<count>\d+) numbers a pixel, and the task has (?P<classes>\d+) classes",
     _N("gives %(count)s numbers a pixel, and the task has %(classes)s classes")),
    (r"(?P<name>.*) holds no probabilities but numbers from (?P<low>\S+) to (?P<high>\S+)\. If they are logits, say "
     r"outputs\.logits: .*",
     _N("%(name)s holds no probabilities but numbers from %(low)s to %(high)s. If they are logits, say outputs.logits: "
        "%(name)s")),
)
_OF_PICTURES = (
    (r"is for tasks of pictures", _N("is for tasks of pictures")),
    (r"is for tables: of pictures say picture", _N("is for tables: of pictures say picture")),
    (r"is no tensor of numbers that a picture could be \((?P<known>.*)\)",
     _N("is no tensor of numbers that a picture could be (%(known)s)")),
    (r"has (?P<rank>\d+) dimensions; pictures have four, NCHW or NHWC",
     _N("has %(rank)s dimensions; pictures have four, NCHW or NHWC")),
    (r"is in doubt, as (?P<name>.*) is (?P<shape>\[.*\]|\d+): say NCHW or NHWC",
     _N("is in doubt, as %(name)s is %(shape)s: say NCHW or NHWC")),
    (r"is in doubt, as (?P<name>.*) takes floats: say 1/255 if .*",
     _N("is in doubt, as %(name)s takes floats: say 1/255 if the model takes 0 to 1, 1 if it takes 0 to 255; and mean "
        "and std, if it was trained with them")),
    (r"is in doubt, as the input takes (?P<height>\w+) x (?P<width>\w+): say \[height, width\]",
     _N("is in doubt, as the input takes %(height)s x %(width)s: say [height, width]")),
    (r"is (?P<height>\d+) x (?P<width>\d+), and the input takes (?P<takes>\w+ x \w+)",
     _N("is %(height)s x %(width)s, and the input takes %(takes)s")),
    (r"is said to be any, and the input takes (?P<takes>\w+ x \w+)",
     _N("is said to be any, and the input takes %(takes)s")),
    (r"a picture of (?P<count>\d+) colours is not known: 1 or 3 are",
     _N("a picture of %(count)s colours is not known: 1 or 3 are")),
    (r"(?P<said>\w+) has another number of colours than the (?P<count>\d+) of the input",
     _N("%(said)s has another number of colours than the %(count)s of the input")),
    (r"has (?P<count>\d+) numbers for (?P<colours>\d+) colours", _N("has %(count)s numbers for %(colours)s colours")),
    (r"(?P<name>.*) takes whole numbers, so the values of pixels go in as they are",
     _N("%(name)s takes whole numbers, so the values of pixels go in as they are")),
    (r"takes 8 bits, and the task's pictures have (?P<bits>\d+)",
     _N("takes 8 bits, and the task's pictures have %(bits)s")),
)
_OF_THE_MAPPING = (
    (r"expected an object with (?P<keys>.*), got (?P<what>.*)",
     _N("expected an object with %(keys)s, got %(what)s")),
    (r"expected an object, got (?P<what>.*)", _N("expected an object, got %(what)s")),
    (r"expected a number or a text, got (?P<what>.*)", _N("expected a number or a text, got %(what)s")),
    (r"expected a number or NaN, got (?P<what>.*)", _N("expected a number or NaN, got %(what)s")),
    (r"expected a whole number, got (?P<what>.*)", _N("expected a whole number, got %(what)s")),
    (r"expected a number that is not 0, such as 1/255, got (?P<what>.*)",
     _N("expected a number that is not 0, such as 1/255, got %(what)s")),
    (r"expected a list of columns", _N("expected a list of columns")),
    (r"expected a list of texts", _N("expected a list of texts")),
    (r"expected a list of strings or integers", _N("expected a list of texts or whole numbers")),
    (r"expected a list of numbers, got (?P<what>.*)", _N("expected a list of numbers, got %(what)s")),
    (r"expected the name of an output, got (?P<what>.*)", _N("expected the name of an output, got %(what)s")),
    (r"expected \[height, width\] in pixels, or any, got (?P<what>.*)",
     _N("expected [height, width] in pixels, or any, got %(what)s")),
    (r"expected (?P<known>\w+(?: or \w+)*), got (?P<what>.*)", _N("expected %(known)s, got %(what)s")),
    (r"one of them is enough, and only one can be meant", _N("one of them is enough, and only one can be meant")),
    (r"nothing can be divided by 0", _N("nothing can be divided by 0")),
    (r"not YAML: (?P<why>.*)", _N("is no YAML: %(why)s")),
    (r"is not UTF-8: byte (?P<byte>\d+)", _N("is not UTF-8: byte %(byte)s")),
    (r"has 1 to (?P<most>\d+) characters", _N("has 1 to %(most)s characters")),
)
_OF_ITS_MAKER = (
    (r"has no column (?P<names>.*) with the maker's answers", _N("has no column %(names)s with the model's answers")),
    (r"has no column (?P<names>.*)", _N("has no column %(names)s")),
    (r"has no rows", _N("has no rows")),
    (r"has no pixel that counts: its masks are void", _N("has no pixel that counts: its masks are void")),
    (r"is a zip with (?P<count>\d+) tables \(CSV\): one has the name of each picture and the answers",
     _N("is a zip with %(count)s tables (CSV): one has the name of each picture and the answers")),
    (r"is no picture of the zip", _N("is no picture of the zip")),
    (r"stands in (?P<count>\d+) lines", _N("stands in %(count)s lines")),
    (r"has no line in (?P<table>.*)", _N("has no line in %(table)s")),
    (r"is not what progon export-data left, but (?P<what>.*)",
     _N("is not what progon export-data left, but %(what)s")),
    (r"is of other rows: of version (?P<version>\d+) of (?P<task>.*)",
     _N("is of other rows: of version %(version)s of %(task)s")),
    (r"is of version (?P<version>\d+), and rows are parted by time: version (?P<older>\d+) holds out rows that it "
     r"trains on, so name no older version to judge by",
     _N("is of version %(version)s, and rows are parted by time: version %(older)s holds out rows that it trains on, "
        "so name no older version to judge by")),
)
_OF_THE_TRIAL = (
    (r"the model needs more than (?P<seconds>\S+) s (?P<rest>.*), which is what it is given",
     _N("the model needs more than the %(seconds)s s that it is given %(rest)s")),
    (r"the trial of the model was not done within (?P<seconds>\S+) s, when it was given its time (?P<rest>.*): "
     r"the task has many rows for it, or the machine is busy",
     _N("the trial of the model was not done within %(seconds)s s, when it was given its time %(rest)s: the task has "
        "many rows for it, or the machine is busy")),
    (r"the model needs more than the (?P<most>\d+) MB that it is given, (?P<rest>.*)",
     _N("the model needs more than the %(most)s MB that it is given, %(rest)s")),
    (r"the model needs more memory than it was given: (?P<why>.*)",
     _N("the model needs more memory than it was given: %(why)s")),
    (r"the model took its process down with (?P<how>(?:signal|exit code) \w+) (?P<rest>.*)",
     _N("the model took its process down (%(how)s) %(rest)s")),
    (r"the model failed on (?P<rows>\d+) rows", _N("the model failed on %(rows)s rows")),
    (r"the model failed on a picture of (?P<size>\d+ x \d+) pixels",
     _N("the model failed on a picture of %(size)s pixels")),
    (r"the model gives no number \(NaN\) for (?P<bare>\d+) of (?P<rows>\d+) rows, .*",
     _N("the model gives no number (NaN) for %(bare)s of %(rows)s rows, most likely where a column has no value")),
    (r"the model gives no number \(NaN\) for (?P<bare>\d+) of (?P<rows>\d+) pictures",
     _N("the model gives no number (NaN) for %(bare)s of %(rows)s pictures")),
    (r"the model has no answer to (?P<bare>\S+) of (?P<rows>\S+) (?P<rest>.*): it gives no number \(NaN\) there\. .*",
     _N("the model has no answer to %(bare)s of %(rows)s %(rest)s: it gives no number (NaN) there. If that is where a "
        "column has no value, say under missing what is to stand for one")),
    (r"the answers to (?P<rest>\w+) rows at once differ by (?P<difference>\S+) from those to the same rows one by one: "
     r".*",
     _N("the answers to %(rest)s rows at once differ by %(difference)s from those to the same rows one by one: the "
        "model mixes rows, or answers by chance (dropout left on)")),
    (r"the file answers differently from its maker on (?P<apart>\S+) of (?P<rows>\S+) rows of the check by up to "
     r"(?P<difference>\S+) \((?P<allowed>\S+) is allowed\), most on row (?P<row>\d+): the (?P<rest>\w+) is another "
     r"there\. .*",
     _N("the file answers differently from its maker on %(apart)s of %(rows)s rows by up to %(difference)s "
        "(%(allowed)s is allowed), most on row %(row)s: the %(rest)s is another there. The conversion to ONNX changed "
        "the model")),
    (r"the file answers differently from its maker on (?P<apart>\S+) of (?P<rows>\S+) rows of the check, most on row "
     r"(?P<row>\d+): the (?P<rest>\w+) is another there\. .*",
     _N("the file answers differently from its maker on %(apart)s of %(rows)s rows, first on row %(row)s: the %(rest)s "
        "is another there. The conversion to ONNX changed the model")),
    (r"the file answers differently from its maker on (?P<apart>\S+) of (?P<pixels>\S+) pixels in (?P<wrong>\S+) of "
     r"(?P<pictures>\S+) pictures of the check, most in (?P<name>.*): the class is another there, to which the file "
     r"gives a probability larger by up to (?P<difference>\S+) \((?P<allowed>\S+) is allowed\)\. .*",
     _N("the file answers differently from its maker on %(apart)s of %(pixels)s pixels in %(wrong)s of %(pictures)s "
        "pictures, most in %(name)s: the class is another there, to which the file gives a probability larger by up to "
        "%(difference)s (%(allowed)s is allowed). The conversion to ONNX changed the model, or its maker scales "
        "or resizes pictures or orders the classes otherwise than the mapping")),
    (r"the file answers (?P<name>.*) by a mask of (?P<size>\d+ x \d+) pixels, its maker by one of "
     r"(?P<other>\d+ x \d+)",
     _N("the file answers %(name)s by a mask of %(size)s pixels, its maker by one of %(other)s")),
)
# What stands within a sentence of the trial: the step that it came to, the rows that it was about, what is another.
_WITHIN = sentences.patterns((
    (r"to begin", _N("to begin")),
    (r"to be read", _N("to be read")),
    (r"to be loaded", _N("to be loaded")),
    (r"for the rows of the check", _N("for the rows of the check")),
    (r"for one row", _N("for one row")),
    (r"for (?P<rows>\d+) rows, together and one by one", _N("for %(rows)s rows, together and one by one")),
    (r"for rows that are odd", _N("for rows that are odd")),
    (r"for the training rows", _N("for the training rows")),
    (r"for the held-out rows", _N("for the held-out rows")),
    (r"for the importance of the columns", _N("for the importance of the columns")),
    (r"training rows", _N("training rows")),
    (r"rows of valid", _N("rows of valid")),
    (r"held-out rows", _N("held-out rows")),
    (r"two", _N("two")),
    (r"label", _N("label")),
    (r"probability", _N("probability")),
    (r"number", _N("number")),
))
_SENTENCES = sentences.patterns((
    *_OF_THE_FILE, *_OF_INPUTS, *_OF_OUTPUTS, *_OF_PICTURES, *_OF_THE_MAPPING, *_OF_ITS_MAKER, *_OF_THE_TRIAL))


def said(language: Language, sentence: str) -> str:
    """As it was written, where it is not known."""
    return sentences.said(language, _SENTENCES, sentence, _WITHIN)
