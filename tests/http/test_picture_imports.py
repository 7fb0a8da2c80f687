"""POST /experiments for tasks of pictures: nets that were made elsewhere, by the real wrapper and runtime."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
import pytest
from onnx import TensorProto
from starlette.testclient import TestClient

from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.model_wrapper import OnnxModelWrapper
from adapters.pyarrow.table_files import ParquetTableFiles
from domain.deployment import Deployment
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests import foreign
from tests.fakes.clock import START
from tests.fakes.model_trial import InProcessModelTrial
from tests.http.problems import check_problem, faults
from tests.http.test_picture_classes import Service, file_of, forwarded, refused, zipped
from tests.pictures import IMAGE, make_class_task, make_classified, make_picture_task, make_pictures

TASK, MASKS = make_class_task(), make_picture_task()
# Of any size, so that what a maker says of pictures of any size can be worked out here.
MODEL = foreign.picture_model(size=("H", "W"))
MAPPING = "{outputs: {logits: logits}, picture: {scale: 1/255, mean: [], std: []}}"
PICTURES = make_classified(TASK, 4, seed=3)[IMAGE]


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Service]:
    container = make_container(Settings(home=tmp_path_factory.mktemp("home"), commit_hash="abc", refresh_s=0.01))
    container.storage().migrate()
    container.task_catalog().add(TASK)
    container.feature_store().append(TASK, [make_classified(TASK, 120)])
    container.model_trial.override(InProcessModelTrial(ParquetTableFiles(), OnnxModelWrapper(), OnnxModelLoader()))
    with TestClient(create_app(container), raise_server_exceptions=False) as client:
        yield Service(container, client, TASK)


def send(service: Service, model: bytes = MODEL, mapping: str = MAPPING, query: str = "", **files: bytes):
    sent = {"model": ("model.onnx", model)} | {name: (name, content) for name, content in files.items()}
    return service.client.post(f"/experiments{query}", files=sent, data={"mapping": mapping} if mapping else {})


def shares(pixels: np.ndarray) -> np.ndarray:
    scores = np.exp(pixels.mean(axis=(0, 1)) / 255)
    return scores / scores.sum()


def check_zip(change: float = 0.0, names=("a/1.png", "a/2.png", "b/1.png", "b/2.png"), table: str = "check.csv",
              columns=tuple(f"probability_{label}" for label in TASK.labels), more=()) -> bytes:
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["name", *columns])
    for name, pixels in zip(names, PICTURES, strict=True):
        lines.writerow([name, *(float(share) + change for share in shares(pixels))][:len(columns) + 1])
    pictures = ((f"{folder}/{number}.png", file_of(pixels)) for (folder, number), pixels in zip(
        (("a", 1), ("a", 2), ("b", 1), ("b", 2)), PICTURES, strict=True))
    return zipped((table, out.getvalue().encode()), *pictures, *more)


def test_it_is_judged_deployed_and_answers(service):
    answer = send(service, check=check_zip())
    assert answer.status_code == 201, answer.text
    body = answer.json()
    number = body["experiment_id"]
    assert body["parity"] < 1e-6 and body["metrics"]["test"]["accuracy"] >= 0
    assert body["mapping"]["picture"]["layout"] == "NCHW"
    assert any("any size" in note for note in body["notes"]) and any("layout" in note for note in body["notes"])
    service.container.deployment_log().append(TASK.name, lambda _: Deployment(TASK.name, number, None, 1, START))
    service.container.serving_models().refresh()
    said = forwarded(service, file_of(PICTURES[0])).json()
    assert list(said["probabilities"].values()) == pytest.approx(shares(PICTURES[0]).tolist(), abs=1e-6)
    assert (said["experiment_id"], said["prediction"]) == (number, TASK.labels[int(shares(PICTURES[0]).argmax())])
    refused(forwarded(service, file_of(PICTURES[0]), X_Output="heatmap"), 403, "it was imported")
    card = service.client.get("/metadata").json()
    assert (card["origin"], card["problem"]) == ("imported", "multiclass")


def test_other_answers_than_its_makers(service):
    body = check_problem(send(service, check=check_zip(0.01)), 403)
    assert "on 4 of 4 rows" in body["detail"]


def test_a_check_of_labels_alone(service):
    out = "name,prediction\n" + "".join(f"{name},{TASK.labels[int(shares(pixels).argmax())]}\n" for name, pixels in zip(
        ("1.png", "2.png", "3.png", "4.png"), PICTURES, strict=True))
    check = zipped(("labels.csv", out.encode()), *((f"{number}.png", file_of(pixels))
                                                   for number, pixels in enumerate(PICTURES, 1)))
    assert send(service, query="?dry=1", check=check).json()["parity"] == 0


@pytest.mark.parametrize(("check", "where"), [
    (b"name,probability_bar\n", "check"), (zipped(("1.png", file_of(PICTURES[0]))), "check"),
    (check_zip(more=[("other.csv", b"name\n")]), "check"), (check_zip(columns=("probability_bar",)), "check"),
    (check_zip(names=("a/1.png", "a/2.png", "b/1.png", "c.png")), "check, check.csv, c.png"),
    (check_zip(names=("a/1.png", "a/2.png", "b/1.png", "c.png")), "check, b/2.png"),
    (check_zip(names=("a/1.png", "a/2.png", "b/1.png", "b/1.png")), "check, check.csv, b/1.png"),
    (check_zip(more=[("b/3.png", b"no picture")]), "check, b/3.png")],
    ids=lambda value: value if isinstance(value, str) else "file")
def test_a_check_that_cannot_be_used(service, check, where):
    body = check_problem(send(service, check=check), 400)
    assert where in faults(body), body


def test_what_is_in_doubt_is_asked_for_and_nothing_is_kept(service):
    before = service.client.get("/experiments").json()["experiments"]
    body = check_problem(send(service, foreign.picture_model(size=("H", 8)), "outputs: {logits: gone}"), 400)
    assert {"picture.scale", "picture.size", "outputs"} <= set(faults(body))
    wrong = "picture: {scale: much, layout: CHW, sice: 1, std: [0], size: 224}"
    body = check_problem(send(service, mapping=wrong), 400)
    assert set(faults(body)) == {f"picture.{key}" for key in ("scale", "layout", "sice", "std", "size")}
    assert faults(check_problem(send(service, mapping="picture: 1"), 400)).keys() == {"picture"}
    assert service.client.get("/experiments").json()["experiments"] == before


def test_scores_that_are_no_probabilities(service):
    body = check_problem(send(service, mapping="picture: {scale: 1}"), 400)
    assert "outputs.logits: logits" in body["detail"]


def test_a_net_that_fails_on_small_pictures_is_kept_for_the_others(service):
    size = (40, 40)  # smaller than any of the task's
    model = foreign.picture_model(kind=TensorProto.UINT8, size=("H", "W"), output="shares", least=size)
    answer = send(service, model, "")
    assert answer.status_code == 201, answer.text
    assert "image: the model has no answer to pictures of 1 x 1, 23 x 17, 32 x 1, 32 x 24 pixels, and they are " \
           "refused" in answer.json()["notes"]


@pytest.fixture(scope="module")
def masks(service) -> Service:
    service.container.task_catalog().add(MASKS)
    service.container.feature_store().append(MASKS, [make_pictures(MASKS, 30)])
    return service


def send_masks(service: Service, query: str = "", **files: bytes):
    model = foreign.mask_model("shares", size=(40, 56), answer_size=(40, 56))
    return send(service, model, "picture: {scale: 1/255}", f"?task=nuclei{query}", **files)


def masks_zip(changed_pixels: int = 0, names=("1.png", "2.png", "3.png"), value: int = 255) -> bytes:
    """Three pictures with the net's answers; of the second one some pixels are of another class, or of none."""
    pictures = [pixels[:, :, 0] for pixels in make_pictures(MASKS, 3, seed=5)[IMAGE]]
    answers = [np.where(pixels > 127, 255, 0).astype(np.uint8) for pixels in pictures]
    some = answers[1].ravel()[:changed_pixels]
    some[:] = np.where(some == 0, value, 0)
    return zipped(*((f"images/{number}.png", file_of(pixels)) for number, pixels in enumerate(pictures, 1)),
                  *((f"masks/{name}", file_of(mask)) for name, mask in zip(names, answers, strict=True)))


def test_masks(masks):
    container, client = masks.container, masks.client
    answer = send_masks(masks, check=masks_zip())
    assert answer.status_code == 201, answer.text
    number = answer.json()["experiment_id"]
    assert answer.json()["parity"] == 0
    assert answer.json()["metrics"]["test"]["iou"] > 0.9
    container.deployment_log().append(MASKS.name, lambda _: Deployment(MASKS.name, number, None, 1, START))
    container.serving_models().refresh()
    pixels = make_pictures(MASKS, 1, seed=5)[IMAGE][0][:, :, 0]
    said = client.post("/forward?task=nuclei", files={"image": ("a.png", file_of(pixels))}).json()
    assert (said["experiment_id"], said["height"], said["width"]) == (number, 40, 56), said


def test_other_masks_than_its_makers(masks):
    before = masks.client.get("/experiments?task=nuclei").json()["experiments"]
    body = check_problem(send_masks(masks, check=masks_zip(7)), 403)
    assert "on 7 of 6,720 pixels in 1 of 3 pictures of the check, most in images/2.png" in body["detail"]
    assert masks.client.get("/experiments?task=nuclei").json()["experiments"] == before


@pytest.mark.parametrize(("check", "where"), [
    (b"name,prediction\n1.png,cell\n", "check"), (check_zip(), "check, a/1.png"),
    (masks_zip(names=("1.png", "2.png", "4.png")), "check, masks/4.png"),
    (masks_zip(names=("1.png", "2.png", "4.png")), "check, images/3.png"),
    (masks_zip(3, value=9), "check, masks/2.png")], ids=lambda value: value if isinstance(value, str) else "file")
def test_masks_that_cannot_be_compared(masks, check, where):
    body = check_problem(send_masks(masks, check=check), 400)
    assert where in faults(body), body
