"""The pipeline by hand, as docs/demo.md says, in a checkout of its own."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import onnx
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.e2e.server import PROGON

ROOT = Path(__file__).parents[2]
# What all takes is mostly the trees; so few do not stop early.
TREES = 60
pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def run(checkout: Path, *command: str) -> str:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PROGON_", "GIT_"))}
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=400,
                          env=own | {"PATH": f"{PROGON.parent}{os.pathsep}{os.environ['PATH']}"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """The files that a clone would have, under git as there, after `dvc repro` of fewer trees."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in run(ROOT, "git", "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    params = folder / "params.yaml"
    params.write_text(params.read_text().replace("iterations: 500", f"iterations: {TREES}"))
    run(folder, "git", "init", "--quiet")
    run(folder, "dvc", "repro")
    return folder


def test_a_second_run_does_nothing(checkout):
    assert "Data and pipelines are up to date." in run(checkout, "dvc", "repro")


def test_dvc_shows_the_metrics(checkout):
    shown = json.loads(run(checkout, "dvc", "metrics", "show", "--json"))[""]["data"]
    assert shown["report/metrics.json"]["data"]["test"]["auc"] > 0.73
    assert set(shown["model/metrics.json"]["data"]) == {"train", "valid"}


def test_dvc_draws_the_plots(checkout):
    run(checkout, "dvc", "plots", "show")
    page = (checkout / "dvc_plots" / "index.html").read_text(encoding="utf-8")
    for title in ("Learning curves", "Feature importance", "ROC", "Precision and recall", "Calibration"):
        assert title in page
    pictures = {path.name.rpartition("_plots_")[2] for path in (checkout / "dvc_plots" / "static").glob("*.svg")}
    assert {"roc.svg", "confusion.svg", "calibration.svg", "precision_recall.svg", "learning_curves.svg",
            "feature_importance.svg"} <= pictures


def test_tensorboard_reads_the_learning_curves(checkout):
    events = EventAccumulator(str(checkout / "model" / "tensorboard" / "test"))
    events.Reload()
    curve = events.Scalars("Logloss")
    assert len(curve) == TREES and curve[-1].value < curve[0].value


def test_the_same_training_again_gives_the_same_bytes(checkout):
    run(checkout, "progon", "train-model", "--task-file", "pipelines/tasks/flights.yaml", "--params", "params.yaml",
        "--data", "data", "--out", "again")
    first, second = (onnx.load(str(checkout / folder / "model.onnx")) for folder in ("model", "again"))
    for model in (first, second):
        dates = [entry for entry in model.metadata_props if entry.key == "saved_at"]
        assert dates
        dates[0].value = ""
    assert first.SerializeToString(deterministic=True) == second.SerializeToString(deterministic=True)
