"""Real nuclei (BBBC038, CC0): trained on pictures 000 to 005, judged on 006 to 009.

    python -m benchmarks.nuclei --folder FOLDER

FOLDER holds images/nuc_000.png ... and masks/ of the same names, 0 and 255. Beside it the threshold of Otsu (1979).
"""
from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from domain.picture import cells
from domain.scoring import mask_metrics
from domain.splitting import Parts
from domain.table import Table
from domain.training import Training
from tests.pictures import IMAGE, MASK, make_picture_task

TRAIN, TEST = range(6), range(6, 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--trees", type=int, default=200)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    arguments = parser.parse_args()
    # No early stopping: the valid part, one of the six, only says how it goes, and is learned from like the others.
    task = make_picture_task(training=Training.of(
        iterations=arguments.trees, learning_rate=arguments.learning_rate, early_stopping_rounds=0))
    train, test = read(arguments.folder, TRAIN), read(arguments.folder, TEST)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        parts = Parts(train.take(slice(0, 5)), train.take(slice(5, 6)), test)
        training = TrainModel(CatboostPixelTrainer(2), OnnxModelLoader(2)).execute(
            task, parts, Path(folder), lambda *_: None)
    print(f"trained, exported and compared in {time.perf_counter() - start:.1f} s; the file of {len(training.model):,} "
          f"bytes differs from the trees by at most {training.parity:.1e}")
    show("pixels + trees", test, OnnxModelLoader(2).load(training.model).predict(test.select([IMAGE])).values)
    show("Otsu", test, cells([otsu(picture) for picture in test[IMAGE]]))


def read(folder: Path, numbers: range) -> Table:
    pictures = [np.array(Image.open(folder / "images" / f"nuc_{number:03}.png").convert("L")) for number in numbers]
    masks = [np.array(Image.open(folder / "masks" / f"nuc_{number:03}.png").convert("L")) for number in numbers]
    return Table({IMAGE: cells([picture[:, :, None] for picture in pictures]),
                  MASK: cells([(mask > 0).astype(np.uint8) for mask in masks])})


def show(name: str, test: Table, answers: np.ndarray) -> None:
    metrics = mask_metrics(test[MASK], answers, 2)
    single = [mask_metrics(test[MASK][row:row + 1], answers[row:row + 1], 2)["iou"] for row in range(test.n_rows)]
    print(f"{name:15} IoU {metrics['iou']:.3f} (worst {min(single):.3f}), Dice {metrics['dice']:.3f}, "
          f"pixels {metrics['pixel_accuracy']:.3f}")


def otsu(picture: np.ndarray) -> np.ndarray:
    counts = np.bincount(picture.ravel(), minlength=256).astype(float)
    below, sums = np.cumsum(counts), np.cumsum(counts * np.arange(256))
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (sums[-1] * below - sums * below[-1]) ** 2 / (below * (below[-1] - below))
    return (picture[:, :, 0] > np.nanargmax(between)).astype(np.uint8)


if __name__ == "__main__":
    main()
