"""Pictures with the look of fluorescence microscopy, made by rule: blurred, touching nuclei, uneven light, noise."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from application.ports.demo_data import DemoData, DemoUnavailable
from domain.arrays import Flags, Floats
from domain.picture import cells
from domain.table import Table
from domain.task import Task

NAME = "nuclei_generator"
SIDE_PX = 256
# The later pictures are of another day: dimmer, with more noise and denser cells.
_BATCHES = (("first_day", 12, 20, 1.0), ("second_day", 6, 32, 0.6))
_SEED = 20130
_MARGIN_PX = 4


class NucleiGeneratorDemoData(DemoData):
    def batches(self, task: Task) -> Iterator[tuple[str, Table]]:
        if task.demo != NAME:
            raise DemoUnavailable(f"the task {task.name} has no demo data")
        image, mask = task.schema.features[0].name, task.schema.target.name
        for number, (name, pictures, nuclei, light) in enumerate(_BATCHES):
            random = np.random.default_rng((_SEED, number))
            made = [_picture(random, nuclei, light) for _ in range(pictures)]
            yield name, Table({image: cells([pixels for pixels, _ in made]), mask: cells([truth for _, truth in made])})


def _picture(random: np.random.Generator, nuclei: int, light: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """uint8[side, side, 1] and uint8[side, side], 1 where a nucleus is."""
    brightness = np.zeros((SIDE_PX, SIDE_PX))
    for _ in range(random.poisson(nuclei)):
        brightness = np.maximum(brightness, _nucleus(random))
    truth = (brightness > 0).astype(np.uint8)
    texture = _blurred(random.normal(1, 1.2, truth.shape), 2).clip(0.3, 2)
    seen = _blurred(brightness * texture, random.uniform(1.0, 2.2)) * _uneven_light(random)
    photons = random.poisson((seen * 60 + random.uniform(3, 10)) * light)
    read_out = photons * 2.2 + 8 + random.normal(0, 2, truth.shape)
    return read_out.clip(0, 255).astype(np.uint8)[:, :, None], truth


def _nucleus(random: np.random.Generator) -> Floats:
    """A wobbly ellipse of one brightness, 0 around it."""
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX]
    row, column = random.uniform(-_MARGIN_PX, SIDE_PX + _MARGIN_PX, 2)
    angle, turn = np.arctan2(rows - row, columns - column), random.uniform(0, np.pi)
    long_px = random.uniform(8, 16)
    short_px = long_px * random.uniform(0.6, 1)
    radius = long_px * short_px / np.hypot(short_px * np.cos(angle - turn), long_px * np.sin(angle - turn))
    wobble = 1 + 0.06 * np.sin(3 * angle + random.uniform(0, 6)) + 0.04 * np.sin(5 * angle + random.uniform(0, 6))
    inside: Flags = np.hypot(rows - row, columns - column) < radius * wobble
    return inside * random.uniform(0.35, 1)


def _uneven_light(random: np.random.Generator) -> Floats:
    """Brightest somewhere near the middle, less than half of it in a corner."""
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX] / SIDE_PX
    row, column = random.uniform(0.3, 0.7, 2)
    away: Floats = (rows - row) ** 2 + (columns - column) ** 2
    return 1.1 - random.uniform(0.4, 0.8) * away


def _blurred(picture: Floats, sigma_px: float) -> Floats:
    """By a Gaussian, as a product of spectra; the picture goes round at its edges."""
    frequencies = np.fft.fftfreq(SIDE_PX)[:, None] ** 2 + np.fft.rfftfreq(SIDE_PX)[None] ** 2
    spectrum = np.fft.rfft2(picture) * np.exp(-2 * (np.pi * sigma_px) ** 2 * frequencies)
    return np.fft.irfft2(spectrum, picture.shape)
