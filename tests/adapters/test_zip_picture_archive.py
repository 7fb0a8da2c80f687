"""Zip files made to do harm, and zip files that are merely odd."""
from __future__ import annotations

import io
import stat
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.archive.picture_archive import ZipPictureArchive
from application.ports.picture_archive import ArchiveLimits, BrokenFile
from domain.errors import InvalidInput, TooLarge

ARCHIVE = ZipPictureArchive()
SMALL = ArchiveLimits(max_members=100, max_member_bytes=1 << 20, max_total_bytes=4 << 20)


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def names(content: bytes, labelled=False, limits=SMALL) -> list[str]:
    return [found.name if isinstance(found, BrokenFile) else found.picture.name
            for found in ARCHIVE.read(io.BytesIO(content), labelled, limits)]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted(content: bytes) -> bytes:
    """The flag set in both headers, as an encrypted file has it."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        changed[content.index(mark) + offset] |= 1
    return bytes(changed)


def claiming(content: bytes, size: int) -> bytes:
    """The first file's unpacked size forged in both headers."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", changed, content.index(mark) + offset, size)
    return bytes(changed)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("content", "where", "problem"), [
    (lambda: zipped(("../../etc/cron.d/a.png", b"x")), "../../etc/cron.d/a.png", "leads out"),
    (lambda: zipped(("/etc/a.png", b"x")), "/etc/a.png", "leads out"),
    (lambda: zipped(("C:\\a.png", b"x")), "C:/a.png", "leads out"),
    (lambda: zipped(("images\\..\\..\\a.png", b"x")), "images/../../a.png", "leads out"),
    (lambda: zipped((link("a.png"), b"/etc/passwd")), "a.png", "is a link"),
    (lambda: encrypted(zipped(("a.png", b"x"))), "a.png", "is encrypted"),
    (lambda: zipped(("a.png", b"x"), ("a.png", b"y")), "a.png", "is there twice"),
    (lambda: zipped(("a.png", b"x"), ("A.PNG", b"y")), "A.PNG", "is there twice"),
    (lambda: zipped(("a.png", b"x"), ("a.jpg", b"y")), "a.jpg", "same name"),
    (lambda: zipped(("more.zip", zipped(("a.png", b"x")))), "more.zip", "archive in the archive"),
    (lambda: zipped(("a.png", b"x"), method=zipfile.ZIP_LZMA), "a.png", "deflate"),
    (lambda: zipped(("x" * 300 + ".xyz", b"x")), "x" * 97 + "...", "is no picture"),
    (lambda: zipped(("a\x1b[31m.xyz", b"x")), "a?[31m.xyz", "is no picture"),
])
def test_refused_by_name(content, where, problem):
    with pytest.raises(InvalidInput) as failure:
        names(content())
    assert [fault.where for fault in failure.value.faults] == [where]
    assert problem in failure.value.faults[0].problem


def test_a_bomb_is_refused_by_what_it_says():
    with pytest.raises(TooLarge, match="bytes"):
        names(zipped(("a.png", bytes(2 << 20))))


@pytest.mark.parametrize("claimed", [0, 10, 1 << 10])
def test_a_bomb_that_lies_is_stopped_while_it_unpacks(claimed):
    content = claiming(zipped(("a.png", bytes(64 << 20))), claimed)
    tracemalloc.start()
    try:
        found, = ARCHIVE.read(io.BytesIO(content), False, SMALL)
        assert isinstance(found, BrokenFile)
    except TooLarge:
        pass
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_many_bombs_that_are_small_each():
    content = zipped(*((f"{number}.png", bytes(1 << 20)) for number in range(5)))
    with pytest.raises(TooLarge, match="unpacks to"):
        names(content)


def test_many_members():
    content = zipped(*((f"{number}.png", b"") for number in range(101)))
    with pytest.raises(TooLarge, match="101 files"):
        names(content)


def test_very_many_members_are_counted_before_they_are_listed():
    content = zipped(*((f"{number}.png", b"") for number in range(10_000)), method=zipfile.ZIP_STORED)
    for forged in (content, content[:-12] + b"\1\0" + content[-10:]):
        tracemalloc.start()
        with pytest.raises(TooLarge, match="lists"):
            names(forged)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
        tracemalloc.stop()


def test_a_member_whose_sum_is_wrong():
    content = bytearray(zipped(("a.png", b"hello hello"), method=zipfile.ZIP_STORED))
    content[content.index(b"hello")] ^= 1
    found, = ARCHIVE.read(io.BytesIO(content), False, SMALL)
    assert isinstance(found, BrokenFile)
    assert found.name == "a.png" and "does not unpack" in found.problem


def test_no_more_faults_than_can_be_read():
    with pytest.raises(InvalidInput) as failure:
        names(zipped(*((f"{number}.xyz", b"") for number in range(90))))
    assert len(failure.value.faults) == 90 and "89 more" in failure.value.detail


@pytest.mark.parametrize(("members", "pairs", "beside"), [
    (["ISIC2018_Task1-2_Training_Input/A_1.jpg", "ISIC2018_Task1_Training_GroundTruth/A_1_segmentation.png",
      "ISIC2018_Task1-2_Training_Input/LICENSE.txt"], 1, ["ISIC2018_Task1-2_Training_Input/LICENSE.txt"]),
    (["JPEGImages/a.jpg", "SegmentationClass/a.png", "SegmentationObject/a.png", "labelmap.txt"], 1,
     ["SegmentationObject/a.png", "labelmap.txt"]),
    (["train/a.jpg", "train_masks/a_mask.png", "val/a.jpg", "val_masks/a_mask.png"], 2, []),
    (["ds/image/train/a.png", "ds/label/train/a.png", "ds/image/val/a.png", "ds/label/val/a.png"], 2, []),
    (["1/image.png", "1/mask.png", "2_json/img.png", "2_json/label.png", "2_json/label_viz.png", "2_json/info.yaml"], 2,
     ["2_json/info.yaml", "2_json/label_viz.png"]),
    (["labels of May/images/a.png", "labels of May/masks/a.png"], 1, []),
    (["raw/a.png", "masks/a.png", "raw/a_thumb.png", "README"], 1, ["README", "raw/a_thumb.png"]),
], ids=["ISIC", "VOC", "Carvana", "U-Net", "a folder each", "a folder above", "any folder"])
def test_layouts_of_other_tools(members, pairs, beside):
    content = zipped(*((name, b"x") for name in members))
    assert len(names(content, labelled=True)) == pairs
    assert ARCHIVE.passed_over(io.BytesIO(content), True) == beside


def test_a_picture_that_is_called_like_a_mask_is_answered():
    assert names(zipped(("a_label.png", b"x"), ("b.png", b"y"))) == ["a_label.png", "b.png"]


def test_masks_of_another_folder_are_not_taken():
    with pytest.raises(InvalidInput) as failure:
        names(zipped(("train/images/a.png", b"x"), ("val/masks/a.png", b"y")), labelled=True)
    assert len(failure.value.faults) == 2


def test_oddities_that_do_no_harm():
    content = zipped(("Nuclei/Images/A.TIF", b"x"), ("Nuclei/Masks/A.png", b"y"), ("Nuclei/Thumbs.db", b"z"),
                     ("Nuclei/Masks/", b""))
    assert names(content, labelled=True) == ["Nuclei/Images/A.TIF"]
    assert names(b"#!/bin/sh stub\n" + content, labelled=True) == ["Nuclei/Images/A.TIF"]


@given(st.data())
@settings(deadline=None, max_examples=300)
def test_broken_archives_are_read_or_refused_and_nothing_else(data):
    content = bytearray(zipped(("images/a.png", b"one" * 9), ("masks/a.png", b"two")))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    try:
        names(bytes(content[:cut]), labelled=data.draw(st.booleans()))
    except (InvalidInput, TooLarge) as failure:
        assert failure.detail
