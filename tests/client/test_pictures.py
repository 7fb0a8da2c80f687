"""Pictures in and out of a live service with a real model file."""
from __future__ import annotations

import asyncio
import io
import socket
import threading
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
import uvicorn
from PIL import Image
from progon_client import AsyncClient, BadRequest, Client
from starlette.testclient import TestClient

from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from domain.deployment import Deployment
from domain.provenance import model_path, stamp
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from entrypoints.wiring.container import Container, make_container
from tests.builders import succeeded
from tests.client import usage
from tests.fakes.clock import START
from tests.pictures import IMAGE, MASK, make_picture_parts, make_picture_task, make_pictures

TASK = make_picture_task()


def deploy_a_model(container: Container, events) -> None:
    container.storage().migrate()
    container.task_catalog().add(TASK)
    experiment = container.experiment_log().add(succeeded(TASK, {"test": {"iou": 0.9}}))
    trained = TrainModel(CatboostPixelTrainer(2), OnnxModelLoader(1)).execute(
        TASK, make_picture_parts(TASK), events, lambda *_: None)
    stamped = OnnxModelLoader().stamp(trained.model, stamp(experiment, experiment.metrics, START))
    container.artifact_store().put(model_path(experiment.id), io.BytesIO(stamped))
    container.deployment_log().append(TASK.name, lambda _: Deployment(TASK.name, experiment.id, None, 1, START))
    container.serving_models().refresh()


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> Iterator[str]:
    container = make_container(Settings(home=tmp_path_factory.mktemp("home"), commit_hash="abc"))
    deploy_a_model(container, tmp_path_factory.mktemp("events"))
    with TestClient(create_app(container)) as app, socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app.app, lifespan="off", log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield "http://127.0.0.1:{}".format(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def client(url) -> Iterator[Client]:
    with Client(url) as client:
        yield client


@pytest.fixture(scope="module")
def pixels() -> list[tuple[np.ndarray, np.ndarray]]:
    """Pictures and their masks, [H, W]."""
    table = make_pictures(TASK, 3, seed=7)
    return [(picture[:, :, 0], mask * 255) for picture, mask in zip(table[IMAGE], table[MASK], strict=True)]


def png(array: np.ndarray) -> bytes:
    written = io.BytesIO()
    Image.fromarray(array).save(written, "PNG")
    return written.getvalue()


def seen(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.fixture(scope="module")
def archive(pixels) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        for number, (picture, mask) in enumerate(pixels):
            packed.writestr(f"images/{number}.png", png(picture))
            packed.writestr(f"masks/{number}.png", png(mask))
    return written.getvalue()


def test_a_picture_in_any_form_has_one_answer(client, pixels, tmp_path):
    picture, mask = pixels[0]
    (tmp_path / "a.png").write_bytes(png(picture))
    answers = [client.forward_picture(form) for form in (
        picture, Image.fromarray(picture), png(picture), tmp_path / "a.png")]
    found = [seen(answer.picture()) for answer in answers]
    assert all((each == found[0]).all() for each in found)
    assert (found[0] == mask).mean() > 0.8 and answers[0].summary.keys() == {"ground", "cell"}


def test_several_outputs_of_one_run(client, pixels):
    assert seen(usage.see(client, png(pixels[0][0]))).shape == (*pixels[0][0].shape, 3)
    with pytest.raises(LookupError):
        client.forward_picture(pixels[0][0]).picture("overlay")


def test_a_whole_zip(client, pixels, archive, tmp_path):
    evaluated = client.evaluate_pictures(archive)
    assert evaluated.count == 3 and evaluated.metrics["iou"] > 0.5
    (tmp_path / "labelled.zip").write_bytes(archive)
    assert client.check(tmp_path / "labelled.zip", TASK.name, preview=2).pictures[1].mask is not None
    assert client.add_data(archive).rows_added == 3
    stored = client.dataset_pictures(TASK.name).pictures[-1]
    assert (seen(client.dataset_picture(TASK.name, stored.picture).content) == pixels[stored.row - 1][0]).all()
    assert len(client.dataset_rows(TASK.name, form="zip").files()) >= 6


def test_the_answers_to_a_zip(url, client, pixels):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        packed.writestr("a.png", png(pixels[0][0]))
        packed.writestr("b.png", png(pixels[1][0]))

    async def later() -> list[bytes]:
        async with AsyncClient(url) as awaited:
            return [item.content() for item in (await awaited.forward_pictures(written.getvalue())).items]

    files = client.forward_zip(written.getvalue()).files()
    assert [content for name, content in files.items() if name.endswith(".png")] == asyncio.run(later())


def test_what_is_no_picture_is_told(client):
    with pytest.raises(BadRequest) as told:
        client.forward_picture(b"no picture at all")
    assert told.value.faults
