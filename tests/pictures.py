"""A small task of pictures, and pictures for it that a model can learn from."""
from __future__ import annotations

from dataclasses import replace

import numpy as np

from domain.columns import ColumnType
from domain.kinds.kind import Kind, Problem
from domain.picture import cells
from domain.schema import Column, Role, Schema
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task
from domain.training import Training

IMAGE, MASK = "image", "mask"
QUICK = Training.of(iterations=12, depth=3, learning_rate=0.3, early_stopping_rounds=6)


def make_picture_task(name: str = "nuclei", channels: int = 1, bits: int = 8, labels: tuple = ("ground", "cell"),
                      values: tuple[int, ...] = (0, 255), mask_channels: int = 1,
                      void: int | None = None, **changes) -> Task:
    schema = Schema((
        Column(IMAGE, ColumnType.PICTURE, nullable=False, channels=channels, bits=bits),
        Column(MASK, ColumnType.MASK, Role.TARGET, nullable=False, channels=mask_channels, values=values,
               void=void),
    ))
    return replace(Task(name, Kind.IMAGE, Problem.SEGMENTATION, schema, labels, training=QUICK), **changes)


def make_pictures(task: Task, n: int, seed: int = 0, height: int = 40, width: int = 56) -> Table:
    """Bright discs on noisy ground; each class after the first has another brightness."""
    random = np.random.default_rng(seed)
    column, classes = task.schema.features[0], len(task.labels)
    pictures, masks = [], []
    for _ in range(n):
        mask = _discs(random, height, width, classes)
        brightness = mask / (classes - 1) * 0.6 + 0.2 + random.normal(0, 0.05, mask.shape)
        pixels = np.repeat(brightness[:, :, None], column.channels, axis=2).clip(0, 1) * (2 ** column.bits - 1)
        pictures.append(pixels.astype(np.uint8 if column.bits == 8 else np.uint16))
        masks.append(mask)
    return Table({IMAGE: cells(pictures), MASK: cells(masks)})


def _discs(random: np.random.Generator, height: int, width: int, classes: int) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    mask = np.zeros((height, width), np.uint8)
    for number in range(2 * (classes - 1)):
        row, column, radius = random.integers(0, height), random.integers(0, width), random.integers(4, 9)
        mask[(rows - row) ** 2 + (columns - column) ** 2 < radius ** 2] = 1 + number % (classes - 1)
    return mask


def make_picture_parts(task: Task, n: int = 6, seed: int = 0) -> Parts:
    table = make_pictures(task, n, seed)
    return Parts(table.take(slice(0, n - 2)), table.take(slice(n - 2, n - 1)), table.take(slice(n - 1, n)))
