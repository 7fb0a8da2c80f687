"""The graph of pixel features: the same bits in whatever part of a picture, and the filters that it is said to hold."""
from __future__ import annotations

from functools import cache

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from adapters.catboost.pixels import extractor
from adapters.catboost.pixels.extractor import FeatureExtractor
from adapters.catboost.pixels.feature_graph import FULL, HALO_PX, STEP_PX, feature_names, gaussian_weights
from adapters.catboost.pixels.model_graph import build_levels
from adapters.catboost.pixels.sampling import sample_pixels
from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.pictures import model_runner
from application.ports.model_runner import UnreadableModel
from application.serving import wanted
from domain import parity
from domain.picture import VOID, cells
from domain.table import Table
from domain.tiling import Tiling, tiles
from tests.pictures import IMAGE, make_picture_parts, make_picture_task, make_pictures


@cache
def features_of(channels: int = 1, bits: int = 8, threads: int = 1) -> FeatureExtractor:
    return FeatureExtractor(channels, bits, threads)


@cache
def trained(channels: int = 1, bits: int = 8):
    task = make_picture_task(channels=channels, bits=bits)
    model = CatboostPixelTrainer(2).fit(task, make_picture_parts(task), EVENTS[0], lambda *_: None)
    return task, model, OnnxModelLoader().load(model.export())


EVENTS: list = []


@pytest.fixture(autouse=True, scope="module")
def events(tmp_path_factory):
    EVENTS[:] = [tmp_path_factory.mktemp("events")]


def whole(picture: np.ndarray, made: FeatureExtractor | None = None) -> np.ndarray:
    """float32[n_features, height, width]."""
    parts = list((made or features_of(picture.shape[2])).tiles(picture))
    joined = np.empty((len(parts[0][1]), *picture.shape[:2]), np.float32)
    for place, features in parts:
        joined[:, *place] = features
    return joined


def noise(height: int, width: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


@pytest.mark.parametrize(("height", "width", "channels"), [(200, 260, 1), (121, 137, 3), (97, 300, 1)])
def test_features_in_tiles_are_the_same_bits(monkeypatch, height, width, channels):
    picture = noise(height, width, channels)
    expected = whole(picture)
    monkeypatch.setattr(extractor, "TILE_PX", 64)
    np.testing.assert_array_equal(whole(picture), expected)


def test_two_threads_give_the_same_bits():
    picture = noise(200, 300)
    np.testing.assert_array_equal(whole(picture, features_of(threads=2)), whole(picture))


def test_the_surroundings_that_count_are_no_larger_than_said():
    one, other = noise(256, 256), noise(256, 256)
    other[:, 128 + HALO_PX:] = 255 - other[:, 128 + HALO_PX:]
    np.testing.assert_array_equal(whole(one)[:, :, :129], whole(other)[:, :, :129])


def test_every_feature_has_a_name_and_says_something():
    for channels in (1, 3):
        features = whole(noise(64, 64, channels))
        assert len(features) == len(feature_names(channels)) == len(set(feature_names(channels)))
        assert (features.std(axis=(1, 2)) > 0).all()


def test_the_filters_are_those_of_scipy():
    """Away from the border, at the fine scales, to the rounding of the picture's 14 bits."""
    picture = ndimage.gaussian_filter(np.random.default_rng(1).normal(0, 1, (128, 128)), 3)
    picture = ((picture - picture.min()) / np.ptp(picture) * 255).astype(np.uint8)
    features = dict(zip(feature_names(1), whole(picture[:, :, None]), strict=True))
    inner = (slice(24, -24), slice(24, -24))
    for sigma in (1, 2):
        smoothed = ndimage.gaussian_filter(features["intensity"].astype(np.float64), sigma, truncate=8)
        dy, dx = np.gradient(smoothed)
        expected = {"Gaussian": smoothed, "gradient": 2 * np.hypot(dx, dy), "Laplacian": ndimage.laplace(smoothed)}
        for kind, values in expected.items():
            found = features[f"{kind} at {sigma} px"]
            assert np.corrcoef(found[inner].ravel(), values[inner].ravel())[0, 1] > 0.99, (kind, sigma)
            assert np.abs(found - values)[inner].max() < 0.02 * FULL, (kind, sigma)


@pytest.mark.parametrize("sigma", [1.0, 1.5, 3 ** 0.5])
def test_the_weights_of_a_gaussian_are_whole_and_sum_to_one(sigma):
    weights = gaussian_weights(sigma)
    assert weights.sum() == 1024
    np.testing.assert_array_equal(weights, np.round(weights))
    np.testing.assert_array_equal(weights, weights[::-1])
    offsets = np.arange(-4, 5)
    assert np.sqrt((weights * offsets ** 2).sum() / 1024) == pytest.approx(sigma, rel=0.04)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 255), st.integers(0, 255))
@settings(deadline=None, max_examples=25)
def test_black_and_white_are_percentiles(height, width, one, other):
    picture = noise(height, width) % 2 * np.uint8(abs(one - other)) + np.uint8(min(one, other))
    session = onnxruntime.InferenceSession(build_levels(1, 8).SerializeToString())
    low, high = session.run(None, {"image": picture[None]})[0][0]
    expected = np.percentile(picture, [1, 99.8], method="lower")
    assert picture.min() <= low <= high <= picture.max()
    assert (low, high) == (expected[0], np.percentile(picture, 99.8, method="higher"))


def test_each_colour_has_its_own_black_and_white():
    picture = np.concatenate([noise(30, 50) // 4, noise(30, 50, seed=1) // 2 + 100, noise(30, 50, seed=2) * 0 + 9], 2)
    session = onnxruntime.InferenceSession(build_levels(3, 8).SerializeToString())
    levels = session.run(None, {"image": np.stack([picture, picture[:, :, ::-1]])})[0]
    single = [np.percentile(picture[:, :, channel], share, method=method)
              for share, method in ((1, "lower"), (99.8, "higher")) for channel in range(3)]
    assert levels[0].tolist() == single
    assert levels[1].tolist() == [single[place] for place in (2, 1, 0, 5, 4, 3)]


def test_the_lamp_of_one_colour_makes_no_difference():
    """Values that are multiples of 4, so that the darker channel holds the same steps."""
    picture = noise(64, 64, 3) // 4 * 4
    other = picture.copy()
    other[:, :, 1] = other[:, :, 1] // 4 + 90
    np.testing.assert_allclose(whole(other), whole(picture), atol=1)


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0), (0.25, 100)])
def test_exposure_makes_no_difference(gain, offset):
    """Values that are multiples of 4, so that the darker picture holds the same steps."""
    picture = noise(64, 64) // 4 * 4
    other = (picture * gain + offset).astype(np.uint8)
    np.testing.assert_allclose(whole(other), whole(picture), atol=1)


@given(st.sampled_from([(1, 8), (3, 8), (1, 16)]), st.data())
@settings(deadline=None, max_examples=40)
def test_the_file_answers_as_the_trees(kind, data):
    channels, bits = kind
    _, model, runner = trained(channels, bits)
    shape = data.draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
    dtype = np.uint8 if bits == 8 else np.uint16
    table = Table({IMAGE: cells([data.draw(arrays.arrays(dtype, (*shape, channels)))])})
    assert parity.check(model.predict(table), runner.predict(table), "a drawn picture") <= 1e-6


def test_a_batch_in_stock_onnxruntime_answers_as_single_pictures():
    task, model, runner = trained()
    table = make_pictures(task, 3, seed=5)
    session = onnxruntime.InferenceSession(model.export())
    prediction, probabilities = session.run(["prediction", "probabilities"], {"image": np.stack(table[IMAGE])})
    single = runner.predict(table)
    np.testing.assert_array_equal(prediction, np.stack(single.values))
    np.testing.assert_array_equal(probabilities, np.stack(single.probabilities))


@pytest.mark.parametrize(("tile_px", "threads", "channels"), [(64, 1, 1), (64, 3, 1), (112, 2, 1), (144, 2, 3)])
def test_tiles_leave_no_seam(monkeypatch, tile_px, threads, channels):
    task, model, whole = trained(channels)
    runner = OnnxModelLoader(tile_threads=threads).load(model.export())
    table = make_pictures(task, 1, 3, 301, 423)
    expected = whole.predict(table)
    monkeypatch.setattr(model_runner, "WHOLE_NUMBERS", 0)
    monkeypatch.setattr(model_runner, "TILE_PX", tile_px)
    answers = runner.predict(table)
    np.testing.assert_array_equal(answers.probabilities[0], expected.probabilities[0])
    np.testing.assert_array_equal(answers.values[0], expected.values[0])


@pytest.mark.parametrize("threads", [1, 2])
def test_a_large_picture_is_left_between_two_tiles_when_nobody_waits(monkeypatch, threads):
    task, model, _ = trained(1)
    runner, asked = OnnxModelLoader(tile_threads=threads).load(model.export()), []
    monkeypatch.setattr(model_runner, "WHOLE_NUMBERS", 0)
    monkeypatch.setattr(model_runner, "TILE_PX", 64)

    def has_gone() -> bool:
        asked.append(None)
        return len(asked) == 3

    token = wanted.gone.set(has_gone)
    try:
        with pytest.raises(wanted.NobodyWaits):
            runner.predict(make_pictures(task, 1, 3, 301, 423))
    finally:
        wanted.gone.reset(token)
    assert len(asked) == 3, "after two tiles of many"
    assert runner.predict(make_pictures(task, 1, 3, 301, 423)).n_rows == 1


@pytest.mark.parametrize("tiling", ["5", "{", '{"halo_px": 1}', '{"halo_px": "x", "step_px": 2}'])
def test_a_file_whose_tiling_cannot_be_read_is_refused(tiling):
    _, model, _ = trained()
    with pytest.raises(UnreadableModel, match="tiling"):
        OnnxModelLoader().load(OnnxModelLoader().stamp(model.export(), {"tiling": tiling}))


@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 8))
def test_tiles_cover_a_picture_once_and_see_enough(height, width, steps):
    tiling, covered = Tiling(HALO_PX, STEP_PX), np.zeros((height, width), int)
    for tile in tiles(height, width, tiling, steps * STEP_PX):
        covered[tile.place] += 1
        for length, seen, inner, place in zip((height, width), tile.seen, tile.inner, tile.place, strict=True):
            assert seen.start % STEP_PX == 0 and (seen.stop % STEP_PX == 0 or seen.stop == length)
            assert seen.start <= max(place.start - HALO_PX, 0) and seen.stop >= min(place.stop + HALO_PX, length)
            assert (seen.start + inner.start, seen.start + inner.stop) == (place.start, place.stop)
    assert (covered == 1).all()


@given(st.integers(0, 2**32), st.lists(st.floats(0.001, 1), min_size=1, max_size=5), st.integers(1, 600))
def test_a_sample_stands_for_the_whole_picture(seed, odds, size):
    random = np.random.default_rng(seed)
    mask = random.choice(len(odds), (20, 30), p=np.array(odds) / sum(odds)).astype(np.uint8)
    positions, weights = sample_pixels(mask, len(odds), size, np.random.default_rng(seed))
    drawn = mask.ravel()[positions]
    assert len(set(positions.tolist())) == len(positions) <= size + len(odds)
    assert set(drawn.tolist()) == set(np.unique(mask).tolist()), "a class that is there is drawn"
    np.testing.assert_allclose(np.bincount(drawn, weights, len(odds)), np.bincount(mask.ravel(), minlength=len(odds)),
                               rtol=1e-4)


def test_a_void_pixel_is_never_drawn():
    mask = np.uint8([[0, 1, VOID, VOID, 1]] * 40)
    positions, weights = sample_pixels(mask, 2, 30, np.random.default_rng(0))
    assert (mask.ravel()[positions] != VOID).all()
    assert weights.sum() == pytest.approx(120)
    assert len(sample_pixels(np.full((3, 3), VOID, np.uint8), 2, 30, np.random.default_rng(0))[0]) == 0
