"""Six real pictures through a live service: how good is what comes of them, and how long does it take?

With PROGON_TEST_DATA, a folder that holds nuclei/images/nuc_000.png to nuc_009.png and nuclei/masks/ of the same names
(BBBC038, CC0); without it nothing is tested.
"""
from __future__ import annotations

import io
import os
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.e2e.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
YAML = """
name: real_nuclei
kind: image
problem: segmentation
labels: [background, nucleus]
split: {holdout: 0.25, valid: 0.15}
training: {iterations: 200, learning_rate: 0.05}
columns:
  - {name: image, type: picture, nullable: false}
  - {name: mask, type: mask, role: target, values: [0, 255]}
"""
LEAST_IOU, AT_MOST_S = 0.82, 60


@pytest.fixture(scope="module")
def folder() -> Path:
    data = os.environ.get("PROGON_TEST_DATA")
    if not data or not (Path(data) / "nuclei" / "images").is_dir():
        pytest.skip("PROGON_TEST_DATA names no folder with nuclei/images and nuclei/masks")
    return Path(data) / "nuclei"


def zipped(folder: Path, numbers: range) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in numbers:
            for kind in ("images", "masks"):
                name = f"{kind}/nuc_{number:03}.png"
                archive.write(folder / name, name)
    return file.getvalue()


def test_six_pictures_make_a_good_model(folder, tmp_path):
    with Server(tmp_path / "home", PROGON_TRAINING_THREADS=2) as server:
        with httpx.Client(base_url=server.start().url, timeout=120) as client:
            client.post("/tasks", content=YAML, headers={"Content-Type": "application/yaml"}).raise_for_status()
            added = client.put("/add_data", files={"file": ("six.zip", zipped(folder, range(6)))}).raise_for_status()
            assert added.json()["rows_added"] == 6
            start = time.monotonic()
            trained = client.put("/retrain", params={"wait": 120}).raise_for_status().json()
            took_s = time.monotonic() - start
            assert trained["status"] == "succeeded"
            client.post(f"/deploy/{trained['experiment_id']}").raise_for_status()
            judged = client.post("/evaluate", files={"file": ("four.zip", zipped(folder, range(6, 10)))})
            metrics = judged.raise_for_status().json()["metrics"]
    print(f"retrain {took_s:.1f} s, experiment {trained['metrics']}, four other pictures {metrics}")
    assert metrics["iou"] >= LEAST_IOU
    assert took_s < AT_MOST_S
