"""What a picture costs: our model file, and the same kinds of features by scipy with CatBoost's own evaluator.

    python -m benchmarks.pictures [--trees 200] [--size 512]

One grey picture, best of some runs: the model file alone, one thread each, and POST /forward of a live service, from
the PNG that is sent to the mask that comes back. Then one of 4096 x 4096 through the service: seconds, and the peak of
its memory.
"""
from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import catboost
import numpy as np
from scipy import ndimage

from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from benchmarks.picture_service import png, serving
from domain.picture import cells
from domain.table import Table
from domain.task import Task
from domain.training import Training
from tests.pictures import make_picture_parts, make_picture_task

SIGMAS_PX = (1, 2, 4, 8, 16)
LARGE_PX = 4096
RUNS = 5


def main() -> None:
    arguments = read_arguments()
    task, model, booster = train(arguments.trees)
    picture, runner = noise(arguments.size), OnnxModelLoader(1).load(model)
    matrix = scipy_features(picture[:, :, 0])
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), task, model) as service:
        ours, features, trees, through_http = best_s(
            lambda: answer(runner, picture), lambda: scipy_features(picture[:, :, 0]),
            lambda: booster.predict(matrix, prediction_type="Probability", thread_count=1),
            lambda: service.forward(png(picture)))
        print(f"{arguments.size} x {arguments.size}, {arguments.trees} trees, seconds")
        print(f"  scipy {features:.3f} + CatBoost {trees:.3f}  {features + trees:.3f}")
        for name, taken in (("our file, pixels to classes", ours), ("POST /forward, PNG to PNG", through_http)):
            print(f"  {name:29} {taken:.3f}, of theirs {taken / (features + trees):.2f}")
        for output in ("mask", "overlay"):
            service.forget_peak()
            start = time.perf_counter()
            service.forward(png(noise(LARGE_PX)), output)
            print(f"{LARGE_PX} x {LARGE_PX} by POST /forward, {output}: {time.perf_counter() - start:.1f} s, "
                  f"{service.peak_mb()} MB of the service at its peak")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trees", type=int, default=200)
    parser.add_argument("--size", type=int, default=512)
    return parser.parse_args()


def train(trees: int) -> tuple[Task, bytes, catboost.CatBoost]:
    """The model file, and the same trees for CatBoost's evaluator."""
    task = make_picture_task(training=Training.of(iterations=trees, early_stopping_rounds=0))
    with tempfile.TemporaryDirectory() as folder:
        native, parts = Path(folder) / "model.cbm", make_picture_parts(task)
        training = TrainModel(CatboostPixelTrainer(2), OnnxModelLoader(1)).execute(
            task, parts, Path(folder), lambda *_: None)
        native.write_bytes(training.native)
        booster = catboost.CatBoost().load_model(str(native))
    return task, training.model, booster


def answer(runner, picture: np.ndarray) -> None:
    runner.predict(Table({"image": cells([picture])}))


def noise(size: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (size, size, 1), np.uint8)


def scipy_features(picture: np.ndarray) -> np.ndarray:
    """float32[pixels, features]: as many as ours and of the same kinds, filter by filter at full size."""
    low, high = np.percentile(picture, [1, 99.8])
    stretched = ((picture - low) / max(high - low, 1)).clip(0, 1).astype(np.float32)
    maps = [stretched]
    for sigma in SIGMAS_PX:
        maps += one_scale(stretched, sigma)
    return np.stack([values.ravel() for values in maps], axis=1)


def one_scale(picture: np.ndarray, sigma: float) -> list[np.ndarray]:
    smoothed = ndimage.gaussian_filter(picture, sigma)
    dy, dx = np.gradient(smoothed)
    dyy, dyx = np.gradient(dy)
    dxx = np.gradient(dx, axis=1)
    structure = [ndimage.gaussian_filter(product, sigma / 2) for product in (dx * dx, dy * dy, dx * dy)]
    return [smoothed, np.hypot(dx, dy), dxx + dyy, *eigenvalues(dxx, dyy, dyx), *eigenvalues(*structure)]


def eigenvalues(xx: np.ndarray, yy: np.ndarray, xy: np.ndarray) -> list[np.ndarray]:
    middle, radius = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy ** 2)
    return [middle + radius, middle - radius]


def best_s(*runs: Callable[[], object]) -> list[float]:
    """Of each, one after the other by turns, so that a busy moment of the machine is nobody's alone."""
    best = [float("inf")] * len(runs)
    for _ in range(RUNS):
        for number, run in enumerate(runs):
            start = time.perf_counter()
            run()
            best[number] = min(best[number], time.perf_counter() - start)
    return best


if __name__ == "__main__":
    main()
