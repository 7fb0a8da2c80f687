"""What is wrong with pictures in a zip, with their masks, outlines and classes, in the visitor's language."""
from __future__ import annotations

from entrypoints.admin import sentences
from entrypoints.admin.language import Language


def _N(message: str) -> str:  # noqa: N802 - the mark by which Babel finds what is translated later
    return message


_OF_FILES = (
    (r"is a (?P<kind>[\w ]+) file; save it as PNG", _N("is a %(kind)s file; save it as PNG")),
    (r"is a video; masks are pictures, one for each labelled frame",
     _N("is a video; masks are pictures, one for each labelled frame")),
    (r"is a video; save its frames as pictures to give them a class",
     _N("is a video; save its frames as pictures to give them a class")),
    (r"has the same name as (?P<other>.*)", _N("has the same name as %(other)s")),
    (r"has no mask; its mask has the same name in a folder masks, or _mask at its end",
     _N("has no mask; its mask has the same name in a folder masks, or _mask at its end")),
    (r"has no mask; that of its frame 12 is called (?P<name>.*)",
     _N("has no mask; that of its frame 12 is called %(name)s")),
    (r"is for the same frame as (?P<other>.*)", _N("is for the same frame as %(other)s")),
    (r"is a table of colours beside (?P<other>.*); leave one of them",
     _N("is a table of colours beside %(other)s; leave one of them")),
    (r"is a table of labels beside (?P<other>.*); leave one of them",
     _N("is a table of labels beside %(other)s; leave one of them")),
)
_OF_OUTLINES = (
    (r"cannot be read as outlines in (?P<file>.*)", _N("cannot be read as outlines in %(file)s")),
    (r"cannot be read as outlines", _N("cannot be read as outlines")),
    (r"holds a shape of the kind (?P<kind>.*); polygon, rectangle and circle are read",
     _N("holds a shape of the kind %(kind)s; polygon, rectangle and circle are read")),
    (r"does not say the width and height of the picture", _N("does not say the width and height of the picture")),
    (r"holds a class without a name", _N("holds a class without a name")),
    (r"holds a point that is nowhere near the picture", _N("holds a point that is nowhere near the picture")),
    (r"holds annotations of images that it does not list", _N("holds annotations of images that it does not list")),
    (r"is a mask in run lengths; export polygons", _N("is a mask in run lengths; export polygons")),
    (r"has a box and no outline; export polygons", _N("has a box and no outline; export polygons")),
    (r"holds an outline of (?P<points>\d+) points; 3 are the least",
     _N("holds an outline of %(points)s points; 3 are the least")),
    (r"names (?P<count>\d+) classes; a mask has (?P<most>\d+) at most",
     _N("names %(count)s classes; a mask has %(most)s at most")),
    (r"outlines a picture that is not in the zip file", _N("outlines a picture that is not in the zip file")),
    (r"is outlined in (?P<file>.*) and not in the zip file", _N("is outlined in %(file)s and not in the zip file")),
    (r"is outlined in (?P<file>.*) and in (?P<other>.*)", _N("is outlined in %(file)s and in %(other)s")),
)
_OF_CLASSES = (
    (r"lies in no folder; the class of a picture is the name of its folder, or stands beside its name in (?P<file>.*)",
     _N("lies in no folder; the class of a picture is the name of its folder, or stands beside its name in %(file)s")),
    (r"lies elsewhere than most: the folders of the classes stand side by side, here in the top of the zip file",
     _N("lies elsewhere than most: the folders of the classes stand side by side, here at the top of the zip file")),
    (r"lies elsewhere than most: the folders of the classes stand side by side, here in (?P<where>.*)",
     _N("lies elsewhere than most: the folders of the classes stand side by side, here in %(where)s")),
    (r"is in (?P<table>.*) and the name of several pictures; write the folder too",
     _N("is in %(table)s and the name of several pictures; write the folder too")),
    (r"is in (?P<table>.*) and not in the zip file", _N("is in %(table)s and not in the zip file")),
    (r"has two labels in (?P<table>.*), (?P<one>.*) and (?P<other>.*)",
     _N("has two labels in %(table)s, %(one)s and %(other)s")),
    (r"has no line in (?P<table>.*)", _N("has no line in %(table)s")),
    (r"is of the class (?P<label>.*), and the task has (?P<known>.*)",
     _N("is of the class %(label)s, and the task has %(known)s")),
)
_OF_MASKS = (
    (r"makes more than (?P<most>\d+) different values in the masks so far; each is taken for a class",
     _N("makes more than %(most)s different values in the masks so far; each is taken for a class")),
    (r"has no names for its classes, as other masks have; send the two kinds apart",
     _N("has no names for its classes, as other masks have; send the two kinds apart")),
    (r"holds (?P<value>.*), for which (?P<file>.*) has no name",
     _N("holds %(value)s, for which %(file)s has no name")),
    (r"holds 255 where (?P<other>.*) holds 1; save all masks with the same numbers",
     _N("holds 255 where %(other)s holds 1; save all masks with the same numbers")),
    (r"the masks hold (?P<count>\d+) classes; (?P<most>\d+) are allowed",
     _N("the masks hold %(count)s classes; %(most)s are allowed")),
    (r"all pixels of all masks are (?P<label>.*); there is nothing to learn",
     _N("all pixels of all masks are %(label)s; there is nothing to learn")),
)
_OF_THE_ZIP = (
    (r"the zip file holds no pictures", _N("the zip file holds no pictures")),
    (r"the zip file holds masks alone", _N("the zip file holds masks alone")),
    (r"(?P<name>.*) has (?P<size>[\d,]+) bytes; of a JSON file (?P<most>[\d,]+) are allowed",
     _N("%(name)s has %(size)s bytes; of a JSON file %(most)s are allowed")),
    (r"the outlines in the zip file have more than (?P<most>[\d,]+) points",
     _N("the outlines in the zip file have more than %(most)s points")),
)
_SENTENCES = sentences.patterns((*_OF_FILES, *_OF_OUTLINES, *_OF_CLASSES, *_OF_MASKS, *_OF_THE_ZIP))


def said(language: Language, sentence: str) -> str:
    """As it was written, where it is not known."""
    return sentences.said(language, _SENTENCES, sentence)
