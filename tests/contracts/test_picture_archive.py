"""The contract of the port PictureArchive."""
from __future__ import annotations

import io

import pytest

from adapters.archive.picture_archive import ZipPictureArchive
from application.ports.picture_archive import ArchivedFile, ArchiveLimits, PictureArchive
from domain.errors import InvalidInput, TooLarge
from tests.fakes.picture_archive import JsonPictureArchive


@pytest.fixture(params=[JsonPictureArchive, ZipPictureArchive])
def archive(request) -> PictureArchive:
    return request.param()


def packed(archive: PictureArchive, *names: str) -> io.BytesIO:
    return io.BytesIO(b"".join(archive.write(ArchivedFile(name, name.encode() * 3) for name in names)))


def read(archive: PictureArchive, *names: str, labelled=True, limits=ArchiveLimits()) -> list[tuple]:
    return [(found.picture.name, found.mask and found.mask.name)
            for found in archive.read(packed(archive, *names), labelled, limits)]


FOLDERS = ("images/b.png", "masks/a.png", "images/a.png", "masks/b.png")
PAIRS = ("b.png", "a_mask.png", "a.png", "b_mask.png")


def test_what_is_written_is_read(archive):
    found = list(archive.read(packed(archive, *FOLDERS), True))
    assert [(pair.picture.content, pair.mask.content) for pair in found] == [
        (b"images/a.png" * 3, b"masks/a.png" * 3), (b"images/b.png" * 3, b"masks/b.png" * 3)]


@pytest.mark.parametrize(("names", "pairs"), [
    (FOLDERS, [("images/a.png", "masks/a.png"), ("images/b.png", "masks/b.png")]),
    (PAIRS, [("a.png", "a_mask.png"), ("b.png", "b_mask.png")]),
    ([f"nuclei/{name}" for name in FOLDERS], [("nuclei/images/a.png", "nuclei/masks/a.png"),
                                              ("nuclei/images/b.png", "nuclei/masks/b.png")]),
    (["images/клетка 1.png", "masks/клетка 1.png"], [("images/клетка 1.png", "masks/клетка 1.png")]),
])
def test_masks_find_their_pictures(archive, names, pairs):
    assert read(archive, *names) == pairs
    assert read(archive, *names, labelled=False) == [(picture, None) for picture, _ in pairs]


def test_what_systems_leave_behind_does_not_count(archive):
    assert read(archive, "a.png", ".DS_Store", "__MACOSX/._a.png", labelled=False) == [("a.png", None)]


@pytest.mark.parametrize(("names", "where"), [
    (["images/a.png", "images/b.png", "masks/a.png"], "images/b.png"),
    (["images/a.png", "masks/a.png", "masks/b.png"], "masks/b.png"),
    (["a.png", "a_mask.png", "b_mask.png"], "b_mask.png"),
])
def test_pictures_and_masks_come_in_pairs(archive, names, where):
    with pytest.raises(InvalidInput) as failure:
        read(archive, *names)
    assert [fault.where for fault in failure.value.faults] == [where]


@pytest.mark.parametrize("name", ["../a.png", "x/../../a.png", "notes.txt"])
def test_what_may_not_be_in_it(archive, name):
    with pytest.raises(InvalidInput) as failure:
        read(archive, "a.png", name, labelled=False)
    assert [fault.where for fault in failure.value.faults] == [name]


@pytest.mark.parametrize("labelled", [True, False])
def test_no_pictures(archive, labelled):
    with pytest.raises(InvalidInput):
        read(archive, labelled=labelled)


@pytest.mark.parametrize("limits", [ArchiveLimits(max_members=3), ArchiveLimits(max_member_bytes=35),
                                    ArchiveLimits(max_total_bytes=137)])
def test_limits(archive, limits):
    with pytest.raises(TooLarge):
        read(archive, *FOLDERS, limits=limits)
    assert len(read(archive, *FOLDERS, limits=ArchiveLimits(4, 36, 138))) == 2


@pytest.mark.parametrize("content", [b"", b"PK", b"text " * 100, b"PK\5\6" + b"\0" * 17])
def test_bytes_that_are_no_archive(archive, content):
    with pytest.raises(InvalidInput) as failure:
        list(archive.read(io.BytesIO(content), False))
    assert failure.value.detail


def test_the_same_files_are_the_same_bytes(archive):
    assert packed(archive, *FOLDERS).getvalue() == packed(archive, *FOLDERS).getvalue()
