"""Which classes the masks of a zip are taken to show, and what is said of it."""
from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from adapters.archive.picture_archive import ZipPictureArchive
from adapters.pillow.outline_filler import PillowOutlineFiller
from adapters.pillow.picture_codec import PillowPictureCodec
from application.decorators.picture_archive import DrawnOutlines
from application.pictures.picture_rows import PictureRows
from application.ports.picture_codec import PictureLimits
from application.use_cases.infer_picture_task import InferPictureTask
from domain.errors import InvalidInput
from domain.picture import VOID
from domain.task import Task

CODEC = PillowPictureCodec()
ARCHIVE = DrawnOutlines(ZipPictureArchive(), PillowOutlineFiller(), CODEC, PictureLimits())
RED, GREEN = (128, 0, 0), (0, 128, 0)


def png(pixels, mode: str | None = None, kind: str = "PNG", palette: list[int] | None = None, **options) -> bytes:
    image, file = Image.fromarray(np.array(pixels, np.uint8)), io.BytesIO()
    image = image.convert(mode) if mode else image
    if palette:
        image.putpalette(palette + [224] * (768 - len(palette)))
    image.save(file, kind, **options)
    return file.getvalue()


def zipped(masks: list[bytes], *beside: tuple[str, bytes], ending: str = "png") -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, mask in enumerate(masks):
            with Image.open(io.BytesIO(mask)) as image:
                archive.writestr(f"images/{number}.png", png(np.zeros(image.size[::-1])))
            archive.writestr(f"masks/{number}.{ending}", mask)
        for name, content in beside:
            archive.writestr(name, content)
    return file


def inferred(file: io.BytesIO) -> Task:
    return InferPictureTask(CODEC, PictureLimits()).execute("cells", ARCHIVE.read(file, True))


def read(task: Task, file: io.BytesIO) -> list[list]:
    rows = [PictureRows(task, found, CODEC, PictureLimits()) for found in ARCHIVE.read(file, True)]
    return [row.coerce(task.schema.columns)["mask"][0].tolist() for row in rows]


def test_255_beside_small_numbers_is_void():
    file = zipped([png([[0, 1, 255]], "P", palette=[0, 0, 0, *RED, *GREEN]), png([[0, 0, 2]])])
    task = inferred(file)
    assert (task.labels, task.schema.target.void) == ((0, 1, 2), 255)
    assert "void" in task.schema.target.description
    assert read(task, file) == [[[0, 1, VOID]], [[0, 0, 2]]]


@pytest.mark.parametrize(("masks", "labels"), [
    ([[[0, 255]]], (0, 255)), ([[[0, 127, 255]]], (0, 127, 255)), ([[[0, 255]], [[0, 0]]], (0, 255))])
def test_255_is_a_class_where_it_is_a_shade(masks, labels):
    task = inferred(zipped([png(mask) for mask in masks]))
    assert (task.labels, task.schema.target.void, task.schema.target.description) == (labels, None, "")


def test_0_and_1_in_some_masks_and_0_and_255_in_others_are_told():
    with pytest.raises(InvalidInput, match="holds 255 where masks/0.png holds 1"):
        inferred(zipped([png([[0, 1]]), png([[0, 255]])]))


def test_black_and_white_goes_with_either():
    for white in (1, 255):
        file = zipped([png([[0, white]]), png([[0, 255]], "1")])
        assert inferred(file).labels == (0, white)
        assert read(inferred(file), file) == [[[0, 1]], [[0, 1]]]


COLOURED = [png([[(0, 0, 0), RED]]), png([[(0, 0, 0), GREEN]])]


def test_colours_without_a_table_are_classes_and_told():
    task = inferred(zipped(COLOURED))
    assert task.labels == ("#000000", "#008000", "#800000")
    assert (task.schema.target.channels, task.schema.target.values) == (3, (0, 0x008000, 0x800000))
    assert "labelmap.txt" in task.schema.target.description
    assert read(task, zipped(COLOURED)) == [[[0, 2]], [[0, 1]]]


@pytest.mark.parametrize(("name", "text"), [
    ("labelmap.txt", "# label:color_rgb:parts:actions\ntree:0,128,0::\nbackground:0,0,0::\ncar:128,0,0::\nsky:9,9,9::"),
    ("label_colors.txt", "0 128 0\ttree\n0 0 0\tbackground\n128 0 0\tcar\n"),
    ("class_dict.csv", "name,r,g,b\r\ntree,0,128,0\r\nbackground,0,0,0\r\ncar,128,0,0\r\n"),
])
@pytest.mark.parametrize("palette", [False, True])
def test_a_table_of_colours_names_the_classes(name, text, palette):
    masks = [png([[0, 1]], "P", palette=[0, 0, 0, *RED]), COLOURED[1]] if palette else COLOURED
    file = zipped(masks, (name, text.encode()))
    task = inferred(file)
    assert task.labels == ("background", "tree", "car")
    assert read(task, file) == [[[0, 2]], [[0, 1]]]
    assert ARCHIVE.passed_over(file, True) == []
    assert read(task, zipped(COLOURED)) == [[[0, 2]], [[0, 1]]]


def test_another_table_has_other_colours_for_the_same_names():
    task = inferred(zipped(COLOURED, ("labelmap.txt", b"background:0,0,0::\ntree:0,128,0::\ncar:128,0,0::")))
    turned = zipped(COLOURED, ("labelmap.txt", b"background:0,0,0::\ncar:0,128,0::\ntree:128,0,0::"))
    assert read(task, turned) == [[[0, 1]], [[0, 2]]]


def test_what_a_table_calls_void_does_not_count():
    file = zipped(COLOURED, ("labelmap.txt", b"void:0,0,0::\ntree:0,128,0::\ncar:128,0,0::"))
    task = inferred(file)
    assert (task.labels, task.schema.target.void) == (("tree", "car"), 0)
    assert read(task, file) == [[[VOID, 1]], [[VOID, 0]]]


def test_a_colour_without_a_name_is_told():
    with pytest.raises(InvalidInput, match="masks/1.png: holds #008000, for which labelmap.txt has no name"):
        inferred(zipped(COLOURED, ("labelmap.txt", b"background:0,0,0::\ncar:128,0,0::")))


def test_a_text_of_another_form_is_passed_over():
    file = zipped(COLOURED, ("labelmap.txt", b"background\ncar\n"))
    assert inferred(file).labels[0] == "#000000"
    assert ARCHIVE.passed_over(file, True) == ["labelmap.txt"]


BLOB = np.pad(np.full((40, 40), 255, np.uint8), 20)


def test_a_jpeg_of_black_and_white_is_repaired_and_told():
    file = zipped([png(BLOB, kind="JPEG", quality=75)], ending="jpg")
    task = inferred(file)
    assert task.labels == (0, 255) and "JPEG" in task.schema.target.description
    assert read(task, file) == [(BLOB // 255).tolist()]


@pytest.mark.parametrize("mask", [BLOB // 255, np.tile(np.arange(0, 240, 3, dtype=np.uint8), (80, 1)),
                                  np.dstack([BLOB, BLOB // 2, BLOB * 0])], ids=["0 and 1", "a ramp", "colours"])
def test_a_jpeg_that_may_mean_anything_is_refused(mask):
    with pytest.raises(InvalidInput, match=r"masks/0.jpg: is a JPEG.*save masks as PNG"):
        inferred(zipped([png(mask, kind="JPEG", quality=75)], ending="jpg"))


SQUARE = [[2, 2], [7, 2], [7, 7], [2, 7]]


def labelme(*shapes: tuple[str, str, list], **changes) -> bytes:
    document = {"version": "5", "shapes": [
        {"label": label, "shape_type": kind, "points": points} for label, kind, points in shapes],
        "imagePath": "0.png", "imageData": None, "imageWidth": 10, "imageHeight": 9}
    return json.dumps(document | changes).encode()


def coco(segmentation: object = None, file_name: str = "images/0.png", **changes) -> bytes:
    document = {"images": [{"id": 5, "file_name": file_name, "width": 10, "height": 9}],
                "categories": [{"id": 1, "name": "cell"}, {"id": 3, "name": "dirt"}],
                "annotations": [{"id": 1, "image_id": 5, "category_id": 3,
                                 "segmentation": segmentation or [[2, 2, 7, 2, 7, 7, 2, 7]]}]}
    return json.dumps(document | changes).encode()


def outlined(*beside: tuple[str, bytes], pictures: tuple[str, ...] = ("images/0.png",)) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in pictures:
            archive.writestr(name, png(np.zeros((9, 10))))
        for name, content in beside:
            archive.writestr(name, content)
    return file


@pytest.mark.parametrize(("beside", "label"), [
    (("images/0.json", labelme(("cell", "polygon", SQUARE))), "cell"),
    (("annotations/a.json", labelme(("cell", "rectangle", [[2, 2], [7, 7]]), imagePath="..\\images\\0.png")), "cell"),
    (("annotations/instances_default.json", coco()), "dirt"), (("result.json", coco(file_name="0.png")), "dirt"),
])
def test_outlines_are_drawn(beside, label):
    file = outlined(beside, ("notes.json", b"[]"))
    task = inferred(file)
    assert task.labels == ("background", label)
    (mask,), square = read(task, file), np.zeros((9, 10), int)
    square[2:8, 2:8] = 1
    np.testing.assert_array_equal(mask, square)
    assert ARCHIVE.passed_over(file, True) == ["notes.json"]


def test_outlines_of_many_files_go_by_the_names_of_the_classes():
    file = outlined(("0.json", labelme(("b", "polygon", SQUARE))),
                    ("1.json", labelme(("a", "circle", [[5, 5], [8, 5]]), ("__ignore__", "polygon", SQUARE))),
                    pictures=("0.png", "1.png"))
    task = inferred(file)
    first, second = read(task, file)
    assert task.labels == ("background", "b", "a") and first[4][4] == 1
    assert second[4][4] == VOID and second[5][8] == 2


@pytest.mark.parametrize(("beside", "where", "words"), [
    ([("images/0.json", labelme(("a", "line", [[1, 1], [2, 2]])))], "images/0.json", "kind line"),
    ([("images/0.json", labelme(("a", "polygon", [[1, 1], [2, 2]])))], "images/0.json", "2 points"),
    ([("images/0.json", labelme(("a", "polygon", SQUARE), imageWidth=None))], "images/0.json", "width"),
    ([("other.json", labelme(imagePath="9.png"))], "other.json", "not in the zip"),
    ([("c.json", coco({"counts": [1], "size": [9, 10]}))], "c.json, annotation 1", "run lengths"),
    ([("c.json", coco(categories=[]))], "c.json, annotation 1", "cannot be read"),
    ([("c.json", coco(file_name="9.png"))], "9.png", "not in the zip"),
    ([("c.json", coco()), ("0.json", labelme(("a", "polygon", SQUARE)))], "images/0.png", "is outlined in"),
    ([("images/0.json", labelme(("a", "polygon", SQUARE), imageWidth=11))], "images/0.json (images/0.png)", "11 x 9"),
])
def test_outlines_that_cannot_be_drawn(beside, where, words):
    with pytest.raises(InvalidInput) as failure:
        inferred(outlined(*beside))
    assert (failure.value.faults[0].where, words in failure.value.faults[0].problem) == (where, True)


def test_faults_of_all_outlines_are_told_at_once():
    broken = labelme(("a", "line", [[1, 1], [2, 2]]))
    with pytest.raises(InvalidInput) as failure:
        inferred(outlined(("0.json", broken), ("1.json", broken), pictures=("0.png", "1.png")))
    assert [fault.where for fault in failure.value.faults] == ["0.json", "1.json"]


@pytest.mark.parametrize(("white", "values"), [(255, (0, 255)), (1, (0, 1))])
def test_outlines_and_masks_are_taken_together(white, values):
    """A picture that has both goes by its mask; of masks without names 0 is the background."""
    drawn = np.eye(9, 10) * white
    file = outlined(("images/0.json", labelme(("cell", "polygon", SQUARE))),
                    ("images/1.json", labelme(("cell", "polygon", SQUARE))), ("masks/1.png", png(drawn)),
                    pictures=("images/0.png", "images/1.png"))
    task = inferred(file)
    assert (task.labels, task.schema.target.values) == (("background", "cell"), values)
    assert f"{white} in masks without names is cell" in task.schema.target.description
    (first, second), square = read(task, file), np.zeros((9, 10), int)
    square[2:8, 2:8] = 1
    np.testing.assert_array_equal(first, square)
    np.testing.assert_array_equal(second, np.eye(9, 10))
    assert ARCHIVE.passed_over(file, True) == ["images/1.json"]


def test_an_empty_mask_beside_outlines():
    file = outlined(("c.json", coco()), ("masks/1.png", png(np.zeros((9, 10)))),
                    pictures=("images/0.png", "images/1.png"))
    task = inferred(file)
    assert task.labels == ("background", "dirt") and not np.any(read(task, file)[1])


def test_several_classes_with_names_and_without_do_not_go_together():
    shapes = ("cell", "polygon", SQUARE), ("dirt", "polygon", [[0, 0], [1, 0], [1, 1]])
    for content, mask in ((labelme(*shapes), np.eye(9, 10)), (labelme(shapes[0]), np.arange(90).reshape(9, 10) % 3)):
        file = outlined(("images/0.json", content), ("masks/1.png", png(mask)),
                        pictures=("images/0.png", "images/1.png"))
        with pytest.raises(InvalidInput, match="masks/1.png: has no names for its classes"):
            inferred(file)


def test_a_picture_with_neither_mask_nor_outline_is_named():
    file = outlined(("images/0.json", labelme(("cell", "polygon", SQUARE))), ("masks/1.png", png(np.eye(9, 10))),
                    pictures=("images/0.png", "images/1.png", "images/2.png"))
    with pytest.raises(InvalidInput) as failure:
        inferred(file)
    assert [fault.where for fault in failure.value.faults] == ["images/2.png"]


def test_beside_masks_outlines_are_passed_over():
    file = outlined(("images/0.json", labelme(("cell", "polygon", SQUARE))), ("masks/0.png", png(np.eye(9, 10) * 255)))
    assert inferred(file).labels == (0, 255)
    assert ARCHIVE.passed_over(file, True) == ["images/0.json"]
