"""The three stages on a small task of pictures, with real adapters."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from PIL import Image

from adapters.onnx.model_runner import OnnxModelLoader
from domain.task_document import to_document
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from pipelines import extract_data, inference_model, train_model
from tests.pictures import make_picture_task, make_pictures

TASK = make_picture_task()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """All three stages have run."""
    folder = tmp_path_factory.mktemp("pictures")
    container = make_container(Settings(home=folder))
    container.storage().migrate()
    container.feature_store().append(TASK, [make_pictures(TASK, 16)])
    container.storage().close()
    task, params = folder / "task.yaml", folder / "params.yaml"
    task.write_text(yaml.safe_dump(to_document(TASK)), encoding="utf-8")
    params.write_text(yaml.safe_dump({"dataset": {"version": 1}, "training": {}}), encoding="utf-8")
    for command, *arguments in (
        (extract_data.command, "--dataset-version", "1", "--out", folder / "data"),
        (train_model.command, "--params", params, "--data", folder / "data", "--out", folder / "model"),
        (inference_model.command, "--model", folder / "model/model.onnx", "--data", folder / "data", "--out",
         folder / "report"),
    ):
        result = CliRunner().invoke(command, ["--task-file", str(task), *map(str, arguments)], env={
            "PROGON_HOME": str(folder), "PROGON_DATABASE_URL": None, "PROGON_ARTIFACTS_URL": None,
            "PROGON_TRAINING_THREADS": "1"})
        assert result.exit_code == 0, result.output
    return folder


def test_the_model_takes_raw_pixels(folder):
    runner = OnnxModelLoader(1).load((folder / "model/model.onnx").read_bytes())
    other = make_pictures(TASK, 1, seed=5, height=33, width=70).select(["image"])
    assert runner.predict(other).values[0].shape == (33, 70)


def test_the_plots_and_the_contact_sheet_of_the_worst_pictures(folder):
    plots = {path.name for path in folder.glob("*/plots/*")}
    assert {"learning_curves.svg", "feature_importance.svg", "confusion.svg", "worst_pictures.svg"} < plots
    with Image.open(folder / "report/plots/worst_pictures_sheet.png") as sheet:
        assert len(np.unique(np.array(sheet.convert("RGB")).reshape(-1, 3), axis=0)) > 50


def test_tensorboard_reads_the_worst_pictures_and_the_curves(folder):
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

    events = EventMultiplexer().AddRunsFromDirectory(str(folder / "report")).AddRunsFromDirectory(str(folder / "model"))
    events.Reload()
    images = [tag for run in events.Runs().values() for tag in run["images"]]
    assert images and all(tag.startswith("Worst pictures/picture ") for tag in images)
    assert any(run["scalars"] for run in events.Runs().values())
