"""The contract of the port SheetWriter."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from adapters.matplotlib.sheet_writer import MatplotlibSheetWriter
from adapters.pillow.picture_codec import PillowPictureCodec
from adapters.tensorboard.sheet_writer import GAP_PX, TensorboardSheetWriter
from domain.sheet import Case, Sheet
from tests.fakes.sheet_writer import RawSheetWriter


def panels(seed: int, height: int = 20, width: int = 30) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.integers(0, 256, (height, width, 3), np.uint8) for _ in range(3)]


SHEET = Sheet("worst", "Худшие & \"все\"", ("picture", "truth", "answer"), [
    Case("picture 3, IoU 0.120", panels(1)), Case("снимок <2>", panels(2, 1, 1)), Case("picture 1", panels(3, 300, 7))])


@pytest.fixture(params=[RawSheetWriter, MatplotlibSheetWriter, lambda: TensorboardSheetWriter(PillowPictureCodec())],
                ids=["fake", "matplotlib", "tensorboard"])
def writer(request):
    return request.param()


def test_one_file_named_after_the_sheet(writer, tmp_path):
    path = writer.write(SHEET, tmp_path / "new" / "folder")
    assert [*(tmp_path / "new" / "folder").iterdir()] == [path]
    assert "worst" in path.name and path.stat().st_size > 500


def test_the_same_bytes_each_time(writer, tmp_path):
    one, other = (writer.write(SHEET, tmp_path / name).read_bytes() for name in ("one", "other"))
    assert one == other


@pytest.mark.parametrize("changed", [
    replace(SHEET, cases=SHEET.cases[:1]), replace(SHEET, cases=SHEET.cases[::-1]),
    replace(SHEET, cases=[replace(SHEET.cases[0], caption="other"), *SHEET.cases[1:]]),
    replace(SHEET, cases=[replace(SHEET.cases[0], panels=panels(9)), *SHEET.cases[1:]]),
], ids=["fewer", "order", "caption", "panel"])
def test_what_changes_is_seen_and_takes_the_place_of_the_old(writer, tmp_path, changed):
    before = writer.write(SHEET, tmp_path).read_bytes()
    path = writer.write(changed, tmp_path)
    assert path.read_bytes() != before
    assert [*tmp_path.iterdir()] == [path]


def test_a_contact_sheet_is_a_picture(tmp_path):
    with Image.open(MatplotlibSheetWriter().write(SHEET, tmp_path)) as picture:
        assert picture.format == "PNG" and picture.height > picture.width > 500


def test_tensorboard_reads_the_pictures(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    TensorboardSheetWriter(PillowPictureCodec()).write(SHEET, tmp_path)
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert events.Tags()["images"] == [f"{SHEET.title}/{case.caption}" for case in SHEET.cases]
    for case in SHEET.cases:
        event, = events.Images(f"{SHEET.title}/{case.caption}")
        height, width, _ = case.panels[0].shape
        assert (event.height, event.width) == (height, 3 * width + 2 * GAP_PX)
        (tmp_path / "seen.png").write_bytes(event.encoded_image_string)
        with Image.open(tmp_path / "seen.png") as picture:
            np.testing.assert_array_equal(np.array(picture)[:, -width:], case.panels[2])
