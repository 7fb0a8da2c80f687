"""The contract of the port ClassArchive."""
from __future__ import annotations

import io
import itertools

import pytest

from adapters.archive.class_archive import ZipClassArchive
from adapters.archive.picture_archive import ZipPictureArchive
from application.ports.class_archive import FOLDERS, ClassArchive
from application.ports.picture_archive import ArchivedFile, ArchivedVideo, ArchiveLimits, BrokenFile
from domain.errors import InvalidInput, TooLarge
from tests.fakes.class_archive import JsonClassArchive
from tests.fakes.picture_archive import JsonPictureArchive

WRITERS = {JsonClassArchive: JsonPictureArchive, ZipClassArchive: ZipPictureArchive}
TABLE = b"name,label\na.png,cat\nb,dog\n"


@pytest.fixture(params=[JsonClassArchive, ZipClassArchive])
def archive(request) -> ClassArchive:
    return request.param()


def packed(archive: ClassArchive, *names: str, **contents: bytes) -> io.BytesIO:
    """contents: of the table of labels, by its name without the suffix."""
    files = [ArchivedFile(name, name.encode() * 3) for name in names]
    files += [ArchivedFile(f"{name}.csv", content) for name, content in contents.items()]
    return io.BytesIO(b"".join(WRITERS[type(archive)]().write(iter(files))))


def read(archive: ClassArchive, *names: str, **contents: bytes) -> list[tuple[str, str | None]]:
    return [(found.picture.name, found.label) for found in archive.read(packed(archive, *names, **contents), True)]


def faulty(archive: ClassArchive, *names: str, **contents: bytes) -> list[str]:
    with pytest.raises(InvalidInput) as failure:
        read(archive, *names, **contents)
    return [fault.where for fault in failure.value.faults]


@pytest.mark.parametrize("above", ["", "animals/", "data/animals/"])
def test_the_folder_is_the_class(archive, above):
    names = [f"{above}{name}" for name in ("cat/1.png", "cat/2.png", "dog/1.png")]
    assert read(archive, *names) == list(zip(names, ["cat", "cat", "dog"]))
    assert archive.told_by(packed(archive, *names)) == FOLDERS


def test_content_is_what_it_was(archive):
    found, = archive.read(packed(archive, "кот/é.png"), True)
    assert (found.picture.content, found.label, found.mask) == ("кот/é.png".encode() * 3, "кот", None)


def test_who_parted_them_before_does_not_count(archive):
    names = ["test/cat/3.png", "train/cat/1.png", "train/dog/2.png"]
    assert [label for _, label in read(archive, *names)] == ["cat", "cat", "dog"]
    assert archive.told_by(packed(archive, *names)) == FOLDERS


def test_one_class_alone_is_read_and_tells_no_task(archive):
    assert read(archive, "cat/1.png", "cat/2.png") == [("cat/1.png", "cat"), ("cat/2.png", "cat")]
    assert archive.told_by(packed(archive, "cat/1.png", "cat/2.png")) is None


def test_what_lies_elsewhere_is_named(archive):
    assert faulty(archive, "1.png", "cat/2.png", "dog/3.png") == ["1.png"]
    assert faulty(archive, "cat/1.png", "cat/2.png", "dog/3.png", "dog/young/4.png") == ["dog/young/4.png"]


def test_a_table_tells_the_classes(archive):
    assert read(archive, "x/a.png", "x/b.png", labels=TABLE) == [("x/a.png", "cat"), ("x/b.png", "dog")]
    assert archive.told_by(packed(archive, "x/a.png", labels=TABLE)) == "labels.csv"


def test_an_empty_label_is_none(archive):
    assert read(archive, "a.png", labels=b"name,label\na.png,\n") == [("a.png", "")]


@pytest.mark.parametrize(("table", "wrong"), [
    (b"name,label\na.png,cat\n", ["b.png"]), (TABLE + b"c.png,cat\n", ["c.png"]),
    (TABLE + b"a.png,dog\n", ["a.png"]), (b"name,label\nx,cat\ny,dog\n", ["x", "y", "a.png", "b.png"]),
])
def test_a_table_that_does_not_fit(archive, table, wrong):
    assert faulty(archive, "a.png", "b.png", labels=table) == wrong


def test_a_name_that_several_pictures_have(archive):
    assert "a.png" in faulty(archive, "x/a.png", "y/a.png", "b.png", labels=TABLE)
    assert read(archive, "x/a.png", "y/a.png", labels=b"name,label\nx/a.png,cat\ny/a.png,dog\n") == [
        ("x/a.png", "cat"), ("y/a.png", "dog")]


def test_what_other_programs_leave_behind_does_not_count(archive):
    names = ["__MACOSX/cat/._1.png", "cat/.hidden.png", "cat/1.png", "dog/2.png"]
    assert [name for name, _ in read(archive, *names)] == ["cat/1.png", "dog/2.png"]
    assert archive.passed_over(packed(archive, *names), True) == []


def test_texts_are_passed_over_and_told(archive):
    stream = packed(archive, "cat/1.png", "cat/about.txt", "dog/2.png", "read.txt")
    assert archive.passed_over(stream, True) == ["cat/about.txt", "read.txt"]
    assert archive.passed_over(packed(archive, "a.png", "b.png", labels=TABLE), True) == []


def test_masks_tell_more_than_folders(archive):
    assert archive.told_by(packed(archive, "images/a.png", "masks/a.png")) is None


def test_videos_have_no_class_and_may_be_answered(archive):
    assert faulty(archive, "cat/1.png", "cat/2.mp4", "dog/3.png") == ["cat/2.mp4"]
    found = list(archive.read(packed(archive, "1.png", "2.mp4"), False))
    assert [isinstance(one, ArchivedVideo) for one in found] == [False, True]
    assert found[0].label is None and found[1].masks == {}


def test_unlabelled_pictures_may_lie_anywhere(archive):
    found = archive.read(packed(archive, "masks/1.png", "2.png", "deep/er/3.png"), False)
    assert [one.picture.name for one in found] == ["2.png", "deep/er/3.png", "masks/1.png"]


def test_nothing_to_read(archive):
    for names in ([], ["read.txt"]):
        with pytest.raises(InvalidInput):
            list(archive.read(packed(archive, *names), True))


def test_files_of_another_kind_are_faults(archive):
    with pytest.raises(InvalidInput) as failure:
        read(archive, "cat/1.png", "cat/2.exe", "dog/3.png")
    assert [fault.where for fault in failure.value.faults] == ["cat/2.exe"]


def test_no_archive(archive):
    for take in (lambda stream: list(archive.read(stream, True)), archive.told_by):
        with pytest.raises(InvalidInput):
            take(io.BytesIO(b"\x89PNG no archive"))


def test_a_file_that_does_not_unpack_comes_as_such(archive):
    stream = packed(archive, "cat/1.png", "dog/2.png")
    content = stream.getvalue()
    content = content.replace(b"cat/1.png" * 3, b"cat/1.png" * 2 + b"spoiled!!", 1)  # of a zip the sum is wrong now
    content = content.replace(b"Y2F0LzEucG5n", b"?", 1)  # and here it is no base64
    found = list(archive.read(io.BytesIO(content), True))
    assert [type(one) for one in found] == [BrokenFile, type(found[1])]
    assert found[0].name == "cat/1.png"


def test_limits(archive):
    for limits in (ArchiveLimits(max_members=1), ArchiveLimits(max_member_bytes=20), ArchiveLimits(max_total_bytes=40)):
        with pytest.raises(TooLarge):
            list(archive.read(packed(archive, "cat/1.png", "dog/2.png"), True, limits))


def test_two_at_once(archive):
    streams = [packed(archive, "cat/1.png", "dog/2.png") for _ in range(2)]
    pairs = itertools.zip_longest(*(archive.read(stream, True) for stream in streams))
    assert [(first.label, second.label) for first, second in pairs] == [("cat", "cat"), ("dog", "dog")]
