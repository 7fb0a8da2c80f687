"""What the domain says of pictures: tasks, digests, metrics, answers, probes."""
from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from domain import parity
from domain.columns import ColumnType
from domain.errors import InvalidInput, ModelRejected
from domain.kinds.kind import Kind, Problem
from domain.picture import VOID, cells, class_shares, drawn_mask, made_pictures, pack, unpack
from domain.picture_answer import Output, decide, draw, stretch_of, summary
from domain.prediction import MaskPredictions, Predictions, concat
from domain.schema import Column, Role, Schema
from domain.scoring import mask_metrics, score
from domain.table import Table, TableDigest
from domain.task_document import from_document, to_document
from domain.thumbnail import thumbnail
from entrypoints.formats.picture_wish import read_output, read_threshold
from tests.builders import make_task
from tests.pictures import IMAGE, MASK, make_picture_task, make_pictures


@pytest.mark.parametrize("form", [
    {}, {"channels": 3}, {"bits": 16}, {"labels": (0, 1, 2), "values": (7, 3, 999)}, {"values": ()}, {"void": 7},
    {"mask_channels": 3, "values": (0, 0xFFAA01), "void": 0x010203}])
def test_a_task_of_pictures_comes_back_from_its_document(form):
    task = make_picture_task(**form)
    assert from_document(json.loads(json.dumps(to_document(task)))) == task


@pytest.mark.parametrize(("form", "where"), [
    ({"channels": 2}, "column image"), ({"bits": 12}, "column image"), ({"values": (0, 0)}, "column mask"),
    ({"values": (0,)}, "column mask"),
    ({"void": 255}, "column mask"), ({"void": 70_000}, "column mask"), ({"mask_channels": 2}, "column mask"),
    ({"mask_channels": 3, "values": (0, 1 << 24)}, "column mask"),
    ({"values": (0, 70_000)}, "column mask"), ({"labels": ("one",)}, "labels"),
    ({"labels": tuple(map(str, range(17))), "values": ()}, "labels"), ({"kind": Kind.TABULAR}, "kind"),
    ({"problem": Problem.BINARY}, "columns"),
    ({"problem": Problem.REGRESSION}, "kind"),
])
def test_a_task_of_pictures_that_cannot_be(form, where):
    with pytest.raises(InvalidInput) as failure:
        make_picture_task(**form)
    assert where in [fault.where for fault in failure.value.faults]


def test_pictures_do_not_mix_with_other_columns():
    picture, mask = make_picture_task().schema.columns
    with pytest.raises(InvalidInput, match="picture and a target"):
        replace(make_picture_task(), schema=Schema((picture, Column("x", ColumnType.NUMBER), mask)))
    table = make_task()
    with pytest.raises(InvalidInput, match="kind image"):
        replace(table, schema=Schema((*table.schema.columns, replace(picture, role=Role.FEATURE))))


def digest(*tables: Table) -> str:
    made = TableDigest()
    for table in tables:
        made.update(table)
    return made.hexdigest()


def test_a_digest_of_pictures_is_that_of_their_content():
    table = make_pictures(make_picture_task(), 3)
    assert digest(table) == digest(table.take(slice(0, 1)), table.take(slice(1, 3)))
    turned = Table({IMAGE: cells([one.transpose(1, 0, 2) for one in table[IMAGE]]), MASK: table[MASK]})
    wider = Table({IMAGE: cells([one.astype(np.uint16) for one in table[IMAGE]]), MASK: table[MASK]})
    assert len({digest(table), digest(turned), digest(wider)}) == 3


def masks(*rows) -> np.ndarray:
    return cells([np.array(row, np.uint8) for row in rows])


@pytest.mark.parametrize(("truth", "answer", "iou", "dice", "accuracy"), [
    ([[0, 1, 1, 0]], [[0, 1, 0, 0]], 1 / 2, 2 / 3, 3 / 4),
    ([[0, 0, 0, 0]], [[0, 0, 0, 0]], 1, 1, 1),
    ([[0, 0, 0, 0]], [[0, 0, 0, 1]], 0, 0, 3 / 4),
    ([[1, 1, 2, 2]], [[1, 1, 2, 0]], (1 + 1 / 2) / 2, (1 + 2 / 3) / 2, 3 / 4),
])
def test_metrics_of_a_mask(truth, answer, iou, dice, accuracy):
    found = mask_metrics(masks(truth), masks(answer), 3)
    assert found == pytest.approx({"iou": iou, "dice": dice, "pixel_accuracy": accuracy})


def test_metrics_are_means_over_pictures_of_whatever_size():
    found = mask_metrics(masks([[1]], [[1, 1, 1, 1]]), masks([[0]], [[1, 1, 1, 1]]), 2)
    assert found == pytest.approx({"iou": 0.5, "dice": 0.5, "pixel_accuracy": 0.5})


def test_void_pixels_are_not_judged():
    alone = mask_metrics(masks([[0, 1, 1, 0]]), masks([[0, 1, 0, 0]]), 2)
    with_void = masks([[0, 1, 1, 0, VOID, VOID]], [[VOID]])
    assert mask_metrics(with_void, masks([[0, 1, 0, 0, 1, 0]], [[1]]), 2) == pytest.approx(alone)
    assert class_shares(with_void[0], 2).tolist() == [0.5, 0.5]
    with pytest.raises(InvalidInput, match="no labelled rows"):
        score(make_picture_task(), with_void[1:], Predictions(masks([[1]]), None, ("ground", "cell")))


def test_a_mask_is_drawn_as_its_column_says():
    grey, colour = (make_picture_task(**form).schema.target for form in (
        {"void": 9}, {"mask_channels": 3, "values": (0, 0xFFAA01)}))
    assert drawn_mask(grey, 2, np.uint8([[0, 1, VOID]])).tolist() == [[0, 255, 9]]
    assert drawn_mask(colour, 2, np.uint8([[0, 1]])).tolist() == [[[0, 0, 0], [255, 170, 1]]]


def test_a_file_without_pictures_cannot_be_scored():
    with pytest.raises(InvalidInput):
        score(make_picture_task(), masks(), Predictions(masks(), None, ("ground", "cell")))


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 2)))
def test_shares_sum_to_one(mask):
    assert class_shares(mask, 3).sum() == pytest.approx(1)


def two_classes(foreground) -> np.ndarray:
    share = np.array(foreground, np.float32)
    return np.stack([1 - share, share], axis=-1)


def test_a_threshold_decides():
    probabilities = two_classes([[0.1, 0.5, 0.6, 0.9]])
    assert decide(probabilities, None).tolist() == [[0, 0, 1, 1]]
    assert decide(probabilities, 0.05).tolist() == [[1, 1, 1, 1]]
    assert decide(probabilities, 0.8).tolist() == [[0, 0, 0, 1]]


def test_answers_are_drawn():
    task = make_picture_task(labels=(0, 1), values=(3, 200))
    probabilities = two_classes([[0, 0.2, 1]])
    picture, mask = np.uint8([[[0], [100], [200]]]), decide(probabilities, None)
    assert draw(Output.MASK, task, picture, probabilities, mask).tolist() == [[3, 3, 200]]
    assert draw(Output.PROBABILITY, task, picture, probabilities, mask).tolist() == [[0, 51, 255]]
    assert draw(Output.OVERLAY, task, picture, probabilities, mask).shape == (1, 3, 3)
    assert summary(task, mask) == {"0": pytest.approx(2 / 3, abs=1e-6), "1": pytest.approx(1 / 3, abs=1e-6)}


@pytest.mark.parametrize("text", ["", "x", "-0.1", "1.1", "nan", "inf"])
def test_a_threshold_that_cannot_be(text):
    with pytest.raises(InvalidInput, match="X-Threshold"):
        read_threshold(text)


SIDE_PX = 2_048


@pytest.mark.parametrize("output", list(Output))
def test_drawing_takes_a_few_bytes_a_pixel(output):
    """A large one is drawn beside others; what is made on the way must not take ten times as much."""
    task, random = make_picture_task(), np.random.default_rng(0)
    picture = random.integers(0, 256, (SIDE_PX, SIDE_PX, 1), dtype=np.uint8)
    probabilities = random.random((SIDE_PX, SIDE_PX, 2), dtype=np.float32)
    mask = decide(probabilities, None)
    assert most_bytes(lambda: draw(output, task, picture, probabilities, mask)) < 12 * SIDE_PX ** 2


@pytest.mark.parametrize("max_px", [8, 100, 1_000])
def test_a_thumbnail_is_the_mean_of_squares_and_takes_little_memory(max_px):
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE_PX + 9, SIDE_PX - 5, 1), dtype=np.uint8)
    step = -(-(SIDE_PX + 9) // max_px)
    stretched = stretch_of(pixels)(pixels)[:, :, 0]
    small = thumbnail(pixels, max_px)
    for row, column in ((0, 0), (3, 2)):
        square = stretched[row * step:(row + 1) * step, column * step:(column + 1) * step]
        assert small[row, column] == round(float(square.mean()))
    assert small.shape == (-(-(SIDE_PX + 9) // step), -(-(SIDE_PX - 5) // step))
    assert most_bytes(lambda: thumbnail(pixels, max_px)) < 12 * SIDE_PX ** 2


def most_bytes(work) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_what_may_be_left_out_of_a_request():
    assert (read_output(None), read_threshold(None), read_output(" Overlay ")) == (None, None, Output.OVERLAY)


@given(arrays.arrays(st.sampled_from([np.uint8, np.uint16, np.float32]), arrays.array_shapes(max_dims=3, max_side=5)))
def test_arrays_are_packed_and_unpacked(array):
    back = unpack(json.loads(json.dumps(pack(array))))
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize("text", ['{"zlib": 5}', '{"zlib": "!!", "type": "uint8", "shape": [1]}', "{}", "[]",
                                  '{"zlib": "eJwDAAAAAAE=", "type": "uint8", "shape": [7]}'])
def test_what_is_no_packed_array(text):
    with pytest.raises((ValueError, LookupError, TypeError)):
        unpack(json.loads(text))


def answers(table: Table) -> Predictions:
    probabilities = [two_classes(pixels[:, :, 0] / 255) for pixels in table[IMAGE]]
    return MaskPredictions(cells([decide(shares, None) for shares in probabilities]), cells(probabilities),
                           ("ground", "cell"))


def test_a_probe_of_pictures():
    task = make_picture_task()
    rows = task.rules.made_rows(task.schema.features, make_pictures(task, 1), {})
    reference = answers(rows)
    table, read = parity.read_probe(parity.probe_text(rows, reference), task.schema.features, task.labels)
    assert digest(table) == digest(rows)
    assert parity.check(reference, read, "the probe") == 0
    read.probabilities[0][0, 0, 0] += 1e-3
    assert parity.largest_difference(reference, read) == pytest.approx(1e-3, rel=1e-3)
    for broken in ("", "{}", '{"inputs": {"image": [1]}, "values": [], "probabilities": []}'):
        with pytest.raises(ModelRejected):
            parity.read_probe(broken, task.schema.features, task.labels)


@pytest.mark.parametrize("form", [{}, {"channels": 3}, {"bits": 16}])
def test_made_pictures_are_of_the_task_and_extreme(form):
    column = make_picture_task(**form).schema.features[0]
    sample = make_pictures(make_picture_task(**form), 1)[IMAGE][0]
    made = made_pictures(column, sample, np.random.default_rng(0))
    assert {(one.dtype, one.shape[2]) for one in made} == {(sample.dtype, column.channels)}
    white = 2 ** column.bits - 1
    assert {(int(one.min()), int(one.max())) for one in made} >= {(0, 0), (white, white), (0, white)}
    assert (1, 1) in {one.shape[:2] for one in made}


def test_answers_that_are_kept_are_masks_alone():
    table = make_pictures(make_picture_task(), 3)
    whole = concat([answers(part).compact() for part in table.chunks(1)])
    assert (whole.n_rows, whole.probabilities, type(whole)) == (3, None, MaskPredictions)
    np.testing.assert_array_equal(whole.values[2], answers(table).values[2])


def test_a_picture_in_one_row_of_a_log():
    found = MaskPredictions(masks([[0, 0, 1]], [[1, 1, 0]]), None, ("ground", "cell")).by_row()
    assert found.values.tolist() == ["ground", "cell"]
    np.testing.assert_allclose(found.probabilities, [[2 / 3, 1 / 3], [1 / 3, 2 / 3]], rtol=1e-6)
