"""The contract of the port PictureArchive."""
from __future__ import annotations

import base64
import io

import pytest

from adapters.archive.picture_archive import ZipPictureArchive
from application.decorators.picture_archive import DrawnOutlines, LabelledFrames
from application.ports.picture_archive import (
    ArchivedFile,
    ArchivedVideo,
    ArchiveLimits,
    BrokenFile,
    PictureArchive,
)
from application.ports.picture_codec import PictureLimits
from application.ports.video_codec import VideoLimits
from domain.errors import InvalidInput, TooLarge
from tests.fakes.outline_filler import NumpyOutlineFiller
from tests.fakes.picture_archive import JsonPictureArchive
from tests.fakes.picture_codec import NpyPictureCodec
from tests.fakes.video_codec import LinesVideoCodec


def labelled_frames() -> LabelledFrames:
    return LabelledFrames(JsonPictureArchive(), NpyPictureCodec(), LinesVideoCodec, VideoLimits())


def drawn_outlines() -> DrawnOutlines:
    return DrawnOutlines(JsonPictureArchive(), NumpyOutlineFiller(), NpyPictureCodec(), PictureLimits())


@pytest.fixture(params=[JsonPictureArchive, ZipPictureArchive, labelled_frames, drawn_outlines])
def archive(request) -> PictureArchive:
    return request.param()


@pytest.fixture(params=[JsonPictureArchive, ZipPictureArchive])
def video_archive(request) -> PictureArchive:
    """One that gives a video with masks as a video."""
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
    (["images/caf\u00e9.png", "masks/cafe\u0301.png"], [("images/caf\u00e9.png", "masks/cafe\u0301.png")]),
    (["images/B.png", "masks/b.PNG"], [("images/B.png", "masks/b.PNG")]),
    (["images/a.png", "masks/a_mask.png"], [("images/a.png", "masks/a_mask.png")]),
    (["image/a.png", "label/a.png"], [("image/a.png", "label/a.png")]),
    (["JPEGImages/a.png", "SegmentationClass/a.png"], [("JPEGImages/a.png", "SegmentationClass/a.png")]),
    (["a.png", "a_segmentation.png", "b.png", "b_gt.png"], [("a.png", "a_segmentation.png"), ("b.png", "b_gt.png")]),
])
def test_masks_find_their_pictures(archive, names, pairs):
    assert read(archive, *names) == pairs
    assert read(archive, *names, labelled=False) == [(picture, None) for picture, _ in pairs]


@pytest.mark.parametrize(("labelled", "left_out"), [(True, ["notes.txt"]), (False, ["masks/a.png", "notes.txt"])])
def test_what_is_left_out_is_told(archive, labelled, left_out):
    names = ("notes.txt", "images/a.png", "masks/a.png", ".DS_Store")
    assert [picture for picture, _ in read(archive, *names, labelled=labelled)] == ["images/a.png"]
    assert archive.passed_over(packed(archive, *names), labelled) == left_out
    with pytest.raises(InvalidInput):
        archive.passed_over(packed(archive, "notes.txt"), labelled)


VIDEO = ["images/b.mp4", "images/a.png", "masks/a.png"]


def videos(archive: PictureArchive, *names: str, labelled=True) -> list[tuple]:
    return [(found.video.name, [(number, mask.name) for number, mask in found.masks.items()])
            for found in archive.read(packed(archive, *names), labelled) if isinstance(found, ArchivedVideo)]


@pytest.mark.parametrize("names", [
    ("masks/b_000012.png", "masks/b_3.png"), ("masks/b/000012.png", "masks/b/3.png"),
    ("masks/b.mp4/000012.png", "masks/b.mp4/000003.png"), ("masks/b_000012.png", "masks/b/000003.png"),
])
def test_masks_find_the_frames_of_their_video(video_archive, names):
    assert videos(video_archive, *VIDEO, *names) == [("images/b.mp4", [(3, names[1]), (12, names[0])])]
    assert videos(video_archive, *VIDEO, *names, labelled=False) == [("images/b.mp4", [])]


def test_masks_of_frames_beside_their_video(video_archive):
    names = ["b.webm", "b_2.avi", "b_2_7_mask.png", "b_1_mask.png", "a.png", "a_mask.png"]
    assert videos(video_archive, *names) == [("b.webm", [(1, "b_1_mask.png")]), ("b_2.avi", [(7, "b_2_7_mask.png")])]


def test_pictures_and_videos_come_in_order(archive):
    found = archive.read(packed(archive, "c.png", "b.mp4", "a.png", "d.avi"), False)
    assert [(one.video if isinstance(one, ArchivedVideo) else one.picture).name for one in found] == [
        "a.png", "b.mp4", "c.png", "d.avi"]


def test_a_picture_called_like_a_frame_keeps_its_mask(video_archive):
    names = [*VIDEO, "images/b_3.png", "masks/b_3.png", "masks/b_4.png"]
    assert videos(video_archive, *names) == [("images/b.mp4", [(4, "masks/b_4.png")])]
    assert ("images/b_3.png", "masks/b_3.png") in [
        (found.picture.name, found.mask.name)
        for found in video_archive.read(packed(video_archive, *names), True)
        if not isinstance(found, ArchivedVideo)]


@pytest.mark.parametrize(("names", "where"), [
    ([], "images/b.mp4"), (["masks/b_x.png", "masks/b_1.png"], "masks/b_x.png"),
    (["masks/b_1.png", "masks/b/000001.png"], None), (["masks/c_1.png", "masks/b_1.png"], "masks/c_1.png"),
    (["images/b.png", "masks/b_1.png"], None),
])
def test_videos_and_masks_that_do_not_fit(archive, names, where):
    with pytest.raises(InvalidInput) as failure:
        videos(archive, *VIDEO, *names)
    assert where in [None, *(fault.where for fault in failure.value.faults)] and failure.value.faults


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


@pytest.mark.parametrize("name", ["../a.png", "x/../../a.png", "notes.xyz"])
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


def spoiled(archive: PictureArchive, names: tuple[str, ...], *broken: str) -> io.BytesIO:
    """An archive in which the content of these files is not what was put in."""
    content = packed(archive, *names).getvalue()
    for name in broken:
        for form in (name.encode() * 3, base64.b64encode(name.encode() * 3)):
            content = content.replace(form, b"!" * len(form))
    return io.BytesIO(content)


def test_what_does_not_unpack_is_named_in_its_place_and_the_rest_comes(archive):
    names = (*FOLDERS, "images/c.mp4", "masks/c_1.png", "images/d.png", "masks/d.png")
    found = list(archive.read(spoiled(archive, names, "images/a.png", "masks/b.png", "masks/c_1.png"), True))
    assert [type(one) for one in found[:3]] == [BrokenFile] * 3
    assert [one.name for one in found[:3]] == ["images/a.png", "masks/b.png", "masks/c_1.png"]
    assert all("does not unpack" in one.problem for one in found[:3])
    assert found[3].picture.content == b"images/d.png" * 3
    assert [type(one) for one in archive.read(spoiled(archive, names, "masks/b.png"), False)].count(BrokenFile) == 0


@pytest.mark.parametrize("content", [b"", b"PK", b"text " * 100, b"PK\5\6" + b"\0" * 17])
def test_bytes_that_are_no_archive(archive, content):
    with pytest.raises(InvalidInput) as failure:
        list(archive.read(io.BytesIO(content), False))
    assert failure.value.detail


def test_the_same_files_are_the_same_bytes(archive):
    assert packed(archive, *FOLDERS).getvalue() == packed(archive, *FOLDERS).getvalue()
