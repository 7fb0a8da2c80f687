"""What a picture costs: our model file, and the same kinds of features by scipy with CatBoost's own evaluator.

    python -m benchmarks.pictures [--trees 200] [--size 512]

One grey picture, one thread each, best of some runs; the peak of memory for a large picture in a process of its own.
"""
from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import catboost
import numpy as np
from scipy import ndimage

from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from domain.picture import cells
from domain.table import Table
from domain.task import Training
from tests.pictures import make_picture_parts, make_picture_task

SIGMAS_PX = (1, 2, 4, 8, 16)
LARGE_PX = 4096
RUNS = 5


def main() -> None:
    arguments = read_arguments()
    model, booster = train(arguments.trees)
    if arguments.large:
        answer(model, noise(LARGE_PX))
        print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
        return
    picture = noise(arguments.size)
    ours = best_s(lambda: answer(model, picture))
    features = best_s(lambda: scipy_features(picture[:, :, 0]))
    matrix = scipy_features(picture[:, :, 0])
    trees = best_s(lambda: booster.predict(matrix, prediction_type="Probability", thread_count=1))
    print(f"{arguments.size} x {arguments.size}, {arguments.trees} trees, seconds")
    print(f"  ours, pixels to classes       {ours:.3f}")
    print(f"  scipy {features:.3f} + CatBoost {trees:.3f} = {features + trees:.3f}")
    print(f"  ours / theirs                 {ours / (features + trees):.2f}")
    command = [sys.executable, "-m", "benchmarks.pictures", "--trees", str(arguments.trees), "--large"]
    peak_mb = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    print(f"{LARGE_PX} x {LARGE_PX}: at most {peak_mb} MB, the training of the small model included")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trees", type=int, default=200)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--large", action="store_true", help="answer the large picture alone and print the peak in MB")
    return parser.parse_args()


def train(trees: int) -> tuple[OnnxModelLoader, catboost.CatBoost]:
    task = make_picture_task(training=Training(iterations=trees, early_stopping_rounds=0))
    with tempfile.TemporaryDirectory() as folder:
        trained = CatboostPixelTrainer(2).fit(task, make_picture_parts(task), Path(folder), lambda *_: None)
        native = Path(folder) / "model.cbm"
        native.write_bytes(trained.native())
        booster = catboost.CatBoost().load_model(str(native))
    return OnnxModelLoader(1).load(trained.export()), booster


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


def best_s(run: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
