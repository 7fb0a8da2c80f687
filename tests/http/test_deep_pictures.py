"""Pictures of 16 bits for each colour, from the zip that is added to the mask that is answered."""
from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from domain.deployment import Deployment
from domain.picture import cells
from domain.provenance import model_path, stamp
from domain.scoring import mask_metrics
from domain.splitting import part
from domain.table import Table
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from entrypoints.wiring.container import Container, make_container
from tests.builders import succeeded
from tests.deep_pictures import png_16, tiff_16
from tests.fakes.clock import START
from tests.http.problems import check_problem
from tests.pictures import IMAGE, MASK, make_picture_task, make_pictures

TASK = make_picture_task("deep", channels=3, bits=16)


def tinted(n: int, seed: int) -> Table:
    """In colour, and with all 16 bits in use."""
    table, random = make_pictures(TASK, n, seed), np.random.default_rng(seed)
    pictures = [pixels // np.uint16([1, 2, 3]) ^ random.integers(0, 256, pixels.shape, np.uint16)
                for pixels in table[IMAGE]]
    return Table({IMAGE: cells(pictures), MASK: table[MASK]})


LEARNED, UNSEEN = tinted(6, seed=1), tinted(2, seed=2)


@pytest.fixture(scope="module")
def container(tmp_path_factory) -> Iterator[Container]:
    wired = make_container(Settings(home=tmp_path_factory.mktemp("home"), commit_hash="abc", refresh_s=0.01))
    wired.storage().migrate()
    wired.task_catalog().add(TASK)
    yield wired


@pytest.fixture(scope="module")
def client(container) -> Iterator[TestClient]:
    """Six pictures were added, half of them as PNG; what came out of the store was trained on and is deployed."""
    with TestClient(create_app(container), raise_server_exceptions=False) as client:
        added = client.put("/add_data", files={"file": ("pictures.zip", labelled(LEARNED))})
        assert added.json()["rows_added"] == 6
        serve(container, client)
        yield client


def serve(container: Container, client: TestClient) -> None:
    parts = part(next(container.feature_store().read(TASK, 1)), TASK.split)
    folder = container.settings().home / "events"
    training = TrainModel(CatboostPixelTrainer(1), OnnxModelLoader(1)).execute(TASK, parts, folder, lambda *_: None)
    experiment = container.experiment_log().add(succeeded(TASK))
    stamped = OnnxModelLoader().stamp(training.model, stamp(experiment, experiment.metrics, START))
    container.artifact_store().put(model_path(experiment.id), io.BytesIO(stamped))
    container.deployment_log().append(TASK.name, lambda _: Deployment(TASK.name, experiment.id, None, 1, START))
    container.serving_models().refresh()


def grey_png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def labelled(table: Table) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for row, (pixels, mask) in enumerate(zip(table[IMAGE], table[MASK], strict=True)):
            suffix, content = ("png", png_16(pixels)) if row % 2 else ("tif", tiff_16(pixels, "<>"[row % 4 // 2]))
            archive.writestr(f"images/{row}.{suffix}", content)
            archive.writestr(f"masks/{row}.png", grey_png(mask * 255))
    return file.getvalue()


def test_what_is_stored_are_the_same_bits(container, client):
    stored = next(container.feature_store().read(TASK, 1))
    for one, other in zip(stored[IMAGE], LEARNED[IMAGE], strict=True):
        assert one.dtype == np.uint16
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("file", [png_16, lambda pixels: tiff_16(pixels, "<", packed=True)], ids=["PNG", "TIFF"])
def test_pictures_are_answered(client, file):
    masks = []
    for pixels in UNSEEN[IMAGE]:
        answer = client.post("/forward", files={"image": file(pixels)})
        assert answer.status_code == 200, answer.text
        masks.append(np.array(Image.open(io.BytesIO(base64.b64decode(answer.json()["image"])))))
    assert mask_metrics(UNSEEN[MASK], [(mask > 0).astype(np.uint8) for mask in masks], 2)["iou"] > 0.8


def test_an_overlay_is_for_eyes(client):
    body = client.post("/forward", files={"image": png_16(UNSEEN[IMAGE][0])}, headers={"X-Output": "overlay"}).json()
    assert np.array(Image.open(io.BytesIO(base64.b64decode(body["image"])))).shape == UNSEEN[IMAGE][0].shape


def test_a_labelled_zip_is_judged(client):
    judged = client.post("/evaluate", files={"file": ("pictures.zip", labelled(UNSEEN))})
    assert judged.json()["metrics"]["iou"] > 0.8


def test_such_a_task_is_inferred(container, client):
    files = {"file": ("pictures.zip", labelled(LEARNED))}
    body = client.post("/tasks", files=files, data={"name": "inferred"})
    assert body.status_code == 200, body.text
    picture = container.task_catalog().get("inferred").schema.features[0]
    assert (picture.channels, picture.bits) == (3, 16)


@pytest.mark.parametrize("content", [png_16(UNSEEN[IMAGE][0])[:900], tiff_16(UNSEEN[IMAGE][0], "<", planes=2)])
def test_what_cannot_be_read_is_told(client, content):
    assert check_problem(client.post("/forward", files={"image": content}), 400)["detail"]
