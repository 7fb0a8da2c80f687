"""Pictures by class through the whole service on SQLite, from a zip to answers."""
from __future__ import annotations

import base64
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from adapters.catboost.card import CARD
from adapters.catboost.pictures.trainer import CatboostClassTrainer
from adapters.efficientnet.trainer import EfficientnetTrainer
from adapters.efficientnet.weights import installed
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from domain.deployment import Deployment
from domain.provenance import model_path, stamp
from domain.task import Task
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from entrypoints.wiring.container import Container, make_container
from tests.builders import succeeded
from tests.fakes.clock import START
from tests.fakes.curve_writer import JsonCurveWriter
from tests.http.problems import check_problem
from tests.pictures import IMAGE, LABEL, make_class_parts, make_class_task, make_classified

BACKBONE = installed()
needs_backbone = pytest.mark.skipif(BACKBONE is None, reason="the extra pictures is not installed")


@dataclass
class Service:
    container: Container
    client: TestClient
    task: Task


def serving(home, events, trainer) -> Iterator[Service]:
    task = make_class_task()
    container = make_container(Settings(home=home, commit_hash="abc", refresh_s=0.01))
    container.storage().migrate()
    container.task_catalog().add(task)
    experiment = container.experiment_log().add(succeeded(task, {"test": {"accuracy": 0.9}}))
    parts = make_class_parts(task, 36)
    training = TrainModel(trainer, OnnxModelLoader(1)).execute(task, parts, events, lambda *_: None)
    stamped = OnnxModelLoader().stamp(training.model, stamp(experiment, experiment.metrics, START))
    container.artifact_store().put(model_path(experiment.id), io.BytesIO(stamped))
    container.deployment_log().append(task.name, lambda history: Deployment(task.name, experiment.id, None, 1, START))
    with TestClient(create_app(container), raise_server_exceptions=False) as client:
        container.serving_models().refresh()
        yield Service(container, client, task)


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Service]:
    yield from serving(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("events"), CatboostClassTrainer(2))


@pytest.fixture(scope="module")
def seeing(tmp_path_factory) -> Iterator[Service]:
    trainer = EfficientnetTrainer(BACKBONE, JsonCurveWriter(), CARD, 2)
    yield from serving(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("events"), trainer)


def file_of(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def pictures(n: int, seed: int = 11) -> list[tuple[str, bytes]]:
    table = make_classified(make_class_task(), n, seed)
    return list(zip(table[LABEL].tolist(), map(file_of, table[IMAGE]), strict=True))


def zipped(*files: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return file.getvalue()


def by_folder(n: int, seed: int = 11) -> bytes:
    return zipped(*((f"shapes/{label}/{row}.png", content) for row, (label, content) in enumerate(pictures(n, seed))))


def forwarded(service: Service, content: bytes, **headers: str):
    return service.client.post("/forward?task=shapes", files={"image": ("a.png", content)},
                               headers={name.replace("_", "-"): value for name, value in headers.items()})


def sent(service: Service, method: str, route: str, content: bytes, **headers: str):
    kind = {"Content-Type": "application/zip"}
    return service.client.request(method, route, content=content, headers=kind | headers)


def refused(response, status: int, words: str) -> dict:
    body = check_problem(response, status)
    assert words in body["detail"], body
    return body


def test_one_picture(service):
    (label, content), *_ = pictures(1)
    answer = forwarded(service, content).json()
    assert set(answer) == {"request_id", "task", "experiment_id", "prediction", "probabilities", "image", "media_type",
                           "width", "height"}
    width, height = Image.open(io.BytesIO(content)).size
    assert (answer["image"], answer["width"], answer["height"]) == (None, width, height)
    assert answer["prediction"] == max(answer["probabilities"], key=answer["probabilities"].get)
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_a_grey_picture_is_one_in_colour_too(service):
    content = file_of(np.full((30, 20), 90, np.uint8))
    assert forwarded(service, content).json()["width"] == 20


def test_the_picture_is_turned_as_its_exif_says(service):
    file = io.BytesIO()
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(file, "JPEG", exif=exif)
    answer = forwarded(service, file.getvalue()).json()
    assert (answer["width"], answer["height"]) == (20, 30)


@pytest.mark.parametrize("headers", [{"X_Output": "mask"}, {"X_Output": "overlay"}, {"X_Threshold": "0.5"}])
def test_what_is_for_masks_alone(service, headers):
    refused(forwarded(service, pictures(1)[0][1], **headers), 400, "answers by a class")


def test_a_model_without_regions_says_so(service):
    refused(forwarded(service, pictures(1)[0][1], X_Output="heatmap"), 403, "does not tell which regions decided")


@needs_backbone
def test_the_heatmap(seeing):
    content = pictures(1)[0][1]
    answer = forwarded(seeing, content, X_Output="heatmap").json()
    shown = Image.open(io.BytesIO(base64.b64decode(answer["image"])))
    assert (answer["media_type"], shown.size, shown.mode) == (
        "image/png", (answer["width"], answer["height"]), "RGB")


@needs_backbone
def test_the_backbone_tells_shapes_apart(seeing):
    answer = sent(seeing, "POST", "/evaluate?task=shapes", by_folder(30)).json()
    assert answer["metrics"]["accuracy"] > 0.9


def test_many_as_json_and_as_csv(service):
    content = by_folder(6)
    answer = sent(service, "POST", "/forward_batch?task=shapes", content).json()
    assert [item["name"] for item in answer["items"]] == sorted(
        f"shapes/{label}/{row}.png" for row, (label, _) in enumerate(pictures(6)))
    text = sent(service, "POST", "/forward_batch?task=shapes", content, Accept="text/csv").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["prediction"] for row in rows] == [item["prediction"] for item in answer["items"]]
    assert float(rows[0]["probability_disc"]) == pytest.approx(answer["items"][0]["probabilities"]["disc"])


@pytest.mark.parametrize("path", ["/forward_batch", "/evaluate"])
def test_many_are_not_explained(service, path):
    answer = service.client.post(f"{path}?task=shapes&explain=true", content=by_folder(3), headers={
        "Content-Type": "application/zip"})
    assert "heatmap" in check_problem(answer, 400)["detail"]


def test_many_as_a_zip(service):
    content = sent(service, "POST", "/forward_batch?task=shapes", by_folder(3), Accept="application/zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["summary.csv"]


def test_evaluate(service):
    answer = sent(service, "POST", "/evaluate?task=shapes", by_folder(9)).json()
    assert set(answer["metrics"]) == {"accuracy", "f1_macro", "logloss"}
    assert answer["count"] == 9


def test_added_data_and_the_gallery_by_class(service):
    added = sent(service, "PUT", "/add_data?task=shapes", by_folder(6, 3)).json()
    assert (added["rows_added"], added["duplicate"]) == (6, False)
    assert sent(service, "PUT", "/add_data?task=shapes", by_folder(6, 3)).json()["duplicate"]
    gallery = service.client.get("/datasets/shapes/pictures?label=disc&limit=1").json()
    assert [one["label"] for one in gallery["pictures"]] == ["disc"]
    older = service.client.get(f"/datasets/shapes/pictures?label=disc&limit=1&before={gallery['next']}").json()
    assert [one["label"] for one in older["pictures"]] == ["disc"] and older["next"] is None
    assert older["pictures"][0]["row"] < gallery["pictures"][0]["row"]
    kept = service.client.get("/datasets/shapes/rows").content
    assert kept[:2] == b"PK", kept[:300]
    answer = sent(service, "POST", "/evaluate?task=shapes", kept).json()
    assert answer.get("count") == 6, answer


def test_a_class_that_the_task_has_not(service):
    content = zipped(("star/1.png", pictures(1)[0][1]), ("disc/2.png", pictures(1)[0][1]))
    problem = refused(sent(service, "PUT", "/add_data?task=shapes", content), 400, "star")
    assert [error["where"] for error in problem["errors"]] == ["star/1.png"]


def test_a_zip_makes_a_task(service):
    content = zipped(*((f"{label}/{row}.png", content) for row, (label, content) in enumerate(pictures(6))),
                     ("readme.txt", b"x"))
    made = service.client.post("/tasks", data={"name": "made"}, files={"file": ("a.zip", content)}).json()
    assert (made["kind"], made["problem"], made["labels"]) == ("image", "multiclass", ["bar", "disc", "ring"])
    assert made["passed_over"] == ["readme.txt"]


def test_a_table_of_labels_makes_a_task(service):
    files = [(f"{row}.png", content) for row, (_, content) in enumerate(pictures(4))]
    table = b"name,label\n0,yes\n1,no\n2.png,no\n3.png,\n"
    made = service.client.post("/tasks", data={"name": "told", "problem": "binary"}, files={
        "file": ("a.zip", zipped(*files, ("labels.csv", table)))}).json()
    assert (made["problem"], made["labels"]) == ("binary", ["no", "yes"])
    assert service.client.get("/datasets/told").json()["versions"][0]["rows"] == 3


def test_v2_answers_by_class(service):
    pixels = np.zeros((1, 24, 24, 3), np.uint8)
    answer = service.client.post("/v2/models/shapes/infer", json={"inputs": [{
        "name": "image", "shape": list(pixels.shape), "datatype": "UINT8", "data": pixels.ravel().tolist()}]}).json()
    outputs = {output["name"]: output for output in answer["outputs"]}
    assert outputs["prediction"]["datatype"] == "BYTES" and outputs["prediction"]["data"][0] in service.task.labels
    assert outputs["probabilities"]["shape"] == [1, 3]
