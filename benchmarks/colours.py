"""Cells in colour under lamps that differ from channel to channel: twelve pictures train, eight judge.

    python -m benchmarks.colours

The pictures are drawn by rule. Cells are darker in red and green than the ground that they lie on, by a stain whose
strength differs, and the lamp of each picture has its own brightness and haze in each channel: in some, one channel is
bright and even while the contrast lies in a dark one. What is measured is what stretching pictures is worth, so the
trees and everything else are as usual.
"""
from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from benchmarks.nuclei import otsu, show
from domain.arrays import Array
from domain.picture import cells
from domain.splitting import Parts
from domain.table import Table
from domain.training import Training
from tests.pictures import IMAGE, MASK, make_picture_task

SIDE_PX, CELLS = 192, 22
TRAIN, VALID, TEST = 10, 2, 8
# How much of the light a cell takes, by channel, and something that is no cell: it takes blue alone.
STAIN, DIRT = np.array([0.55, 0.75, 0.15]), np.array([0.1, 0.15, 0.8])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1)
    arguments = parser.parse_args()
    for seed in range(arguments.seeds):
        measure(seed)


def measure(seed: int) -> None:
    table, start = drawn(TRAIN + VALID + TEST, np.random.default_rng(seed)), time.perf_counter()
    task = make_picture_task(channels=3, training=Training.of(
        iterations=200, learning_rate=0.05, early_stopping_rounds=0))
    parts = Parts(*(table.take(slice(*ends)) for ends in (
        (0, TRAIN), (TRAIN, TRAIN + VALID), (TRAIN + VALID, TRAIN + VALID + TEST))))
    with tempfile.TemporaryDirectory() as folder:
        training = TrainModel(CatboostPixelTrainer(2), OnnxModelLoader(2)).execute(
            task, parts, Path(folder), lambda *_: None)
    print(f"seed {seed}: trained in {time.perf_counter() - start:.1f} s")
    show("pixels + trees", parts.test, OnnxModelLoader(2).load(training.model).predict(
        parts.test.select([IMAGE])).values)
    show("Otsu, green", parts.test, cells([1 - otsu(picture[:, :, 1:2]) for picture in parts.test[IMAGE]]))


def drawn(count: int, random: np.random.Generator) -> Table:
    pictures, masks = zip(*(picture(random) for _ in range(count)), strict=True)
    return Table({IMAGE: cells(list(pictures)), MASK: cells(list(masks))})


def picture(random: np.random.Generator) -> tuple[Array, Array]:
    """uint8[side, side, 3], and uint8[side, side] with 1 in the cells."""
    stained, dirty = _blobs(random, CELLS, 5, 13), _blobs(random, CELLS // 2, 5, 13)
    texture = 1 + 0.06 * random.normal(size=(SIDE_PX, SIDE_PX, 1))
    light = (1 - random.uniform(0.3, 0.9) * STAIN * stained[:, :, None]) * (1 - DIRT * dirty[:, :, None]) * texture
    gain, haze = np.exp(random.uniform(np.log(0.12), 0.0, 3)), random.uniform(0, 0.5, 3)
    shown = 250 * (haze * (1 - gain) + gain * np.clip(light, 0, 1)) + random.normal(0, 1.5, light.shape)
    return np.clip(shown, 0, 255).astype(np.uint8), (stained > 0).astype(np.uint8)


def _blobs(random: np.random.Generator, count: int, least_px: float, most_px: float) -> Array:
    """float64[side, side]: how much of a blob there is at each pixel; 0 where there is none."""
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX]
    there = np.zeros((SIDE_PX, SIDE_PX))
    for _ in range(count):
        (row, column), radii = random.uniform(0, SIDE_PX, 2), random.uniform(least_px, most_px, 2)
        inside = ((rows - row) / radii[0]) ** 2 + ((columns - column) / radii[1]) ** 2 < 1
        there[inside] = np.maximum(there[inside], random.uniform(0.6, 1.0))
    return there


if __name__ == "__main__":
    main()
