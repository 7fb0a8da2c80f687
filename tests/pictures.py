"""A small task of pictures, and pictures for it that a model can learn from."""
from __future__ import annotations

from dataclasses import replace

import numpy as np

from domain.columns import ColumnType
from domain.columns.category import texts_of
from domain.kinds.kind import Kind, Problem
from domain.picture import cells, task_of_classes
from domain.schema import Column, Role, Schema
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task
from domain.training import Training

IMAGE, MASK, LABEL = "image", "mask", "label"
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


def make_class_task(name: str = "shapes", labels: tuple = ("bar", "disc", "ring"), **changes) -> Task:
    problem = Problem.BINARY if len(labels) == 2 else Problem.MULTICLASS
    return replace(Task(name, Kind.IMAGE, problem, Schema(task_of_classes("classes by the names of folders")), labels,
                        training=QUICK), **changes)


def make_classified(task: Task, n: int, seed: int = 0, sides: tuple[int, ...] = (48, 64)) -> Table:
    """n shapes of random colours, places and sizes on noisy ground, of the classes in turn: a bar, a disc, a ring."""
    random = np.random.default_rng(seed)
    classes = [row % len(task.labels) for row in range(n)]
    pictures = [_shape(random, shape, *random.choice(sides, 2)) for shape in classes]
    return Table({IMAGE: cells(pictures), LABEL: texts_of([str(task.labels[shape]) for shape in classes])})


def make_class_parts(task: Task, n: int = 60, seed: int = 0) -> Parts:
    table = make_classified(task, n, seed)
    held, stopping = n // 4, n // 6
    return Parts(table.take(slice(held + stopping, n)), table.take(slice(held, held + stopping)),
                 table.take(slice(0, held)))


def _shape(random: np.random.Generator, shape: int, height: int, width: int) -> np.ndarray:
    """uint8[height, width, 3]."""
    rows, columns = np.mgrid[:height, :width]
    radius = min(height, width) * random.uniform(0.25, 0.4)
    row, column = height * random.uniform(0.4, 0.6), width * random.uniform(0.4, 0.6)
    away = np.hypot(rows - row, columns - column)
    inside = [(abs(rows - row) < radius / 4) & (abs(columns - column) < radius), away < radius,
              (away < radius) & (away > radius * 0.6)][shape]
    ground, colour = random.integers(0, 100, 3), random.integers(150, 256, 3)
    pixels = np.where(inside[:, :, None], colour, ground) + random.normal(0, 6, (height, width, 3))
    return pixels.clip(0, 255).astype(np.uint8)
