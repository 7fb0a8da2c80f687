"""Pictures in, pictures out, through the whole service on SQLite with a real model file."""
from __future__ import annotations

import base64
import csv
import io
import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from starlette.testclient import TestClient

from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from domain.deployment import Deployment
from domain.provenance import model_path, stamp
from domain.scoring import mask_metrics
from domain.splitting import part
from domain.table import Table
from domain.task import Task
from domain.task_document import to_document
from entrypoints.grpc import messages
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from entrypoints.wiring.container import Container, make_container
from tests.builders import succeeded
from tests.fakes.clock import START
from tests.http.grpc_server import call as over_grpc
from tests.http.grpc_server import grpc_server
from tests.http.problems import check_problem
from tests.pictures import IMAGE, MASK, make_picture_parts, make_picture_task, make_pictures


@dataclass
class Service:
    container: Container
    client: TestClient
    task: Task
    home: Path


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Service]:
    home, task = tmp_path_factory.mktemp("home"), make_picture_task()
    container = make_container(Settings(
        home=home, commit_hash="abc", refresh_s=0.01, max_archive_files=50, max_archive_bytes=8 << 20,
        max_picture_bytes=2 << 20, max_picture_pixels=300_000))
    container.storage().migrate()
    container.task_catalog().add(task)
    experiment = container.experiment_log().add(succeeded(task, {"test": {"iou": 0.9}}))
    training = TrainModel(CatboostPixelTrainer(2), OnnxModelLoader(1)).execute(
        task, make_picture_parts(task), tmp_path_factory.mktemp("events"), lambda *_: None)
    stamped = OnnxModelLoader().stamp(training.model, stamp(experiment, experiment.metrics, START))
    container.artifact_store().put(model_path(experiment.id), io.BytesIO(stamped))
    container.deployment_log().append(task.name, lambda history: Deployment(task.name, experiment.id, None, 1, START))
    with TestClient(create_app(container), raise_server_exceptions=False) as client:
        container.serving_models().refresh()
        yield Service(container, client, task, home)


@pytest.fixture(scope="module")
def table(service) -> Table:
    return make_pictures(service.task, 3, seed=7)


def png(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels).save(file, kind)
    return file.getvalue()


def seen(content: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(content)))


def decoded(body: dict) -> np.ndarray:
    return seen(base64.b64decode(body["image"]))


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def labelled(table: Table) -> bytes:
    return zipped(*(member for row in range(table.n_rows) for member in (
        (f"images/{row}.png", png(table[IMAGE][row])), (f"masks/{row}.png", png(table[MASK][row] * 255)))))


def forward(service: Service, content: bytes, name: str = "a.png", **headers: str):
    return service.client.post("/forward", files={"image": (name, content)}, headers=headers)


def send(service: Service, path: str, content: bytes, **headers: str):
    call = service.client.put if path == "/add_data" else service.client.post
    return call(path, files={"file": ("pictures.zip", content)}, headers=headers)


def test_a_picture_is_answered_by_a_mask(service, table):
    body = forward(service, png(table[IMAGE][0])).json()
    assert set(body) == {"request_id", "task", "experiment_id", "image", "media_type", "width", "height", "summary",
                         "parts"}
    assert (body["task"], body["media_type"], body["width"], body["height"]) == ("nuclei", "image/png", 56, 40)
    mask = decoded(body)
    assert set(np.unique(mask).tolist()) <= {0, 255}
    assert mask_metrics(table[MASK][:1], [(mask > 0).astype(np.uint8)], 2)["iou"] > 0.8
    assert body["summary"] == pytest.approx({"ground": (mask == 0).mean(), "cell": (mask > 0).mean()}, abs=1e-5)
    found, count = ndimage.label(mask, np.ones((3, 3)))
    sizes = sorted(np.bincount(found.ravel())[1:].tolist(), reverse=True)
    assert body["parts"] == {"cell": {"count": count, "median_px": np.median(sizes), "sizes_px": sizes}} and count


def test_other_forms_of_the_answer(service, table):
    content = png(table[IMAGE][0])
    shares = decoded(forward(service, content, **{"X-Output": "probability"}).json())
    assert shares.dtype == np.uint8 and len(np.unique(shares)) > 2, "more than a mask has"
    overlay = decoded(forward(service, content, **{"X-Output": "overlay"}).json())
    mask = decoded(forward(service, content).json())
    assert overlay.shape == (40, 56, 3)
    grey = (overlay == overlay[:, :, :1]).all(axis=2)
    np.testing.assert_array_equal(grey, mask == 0)


def test_a_threshold(service, table):
    content = png(table[IMAGE][0])
    sizes = [forward(service, content, **{"X-Threshold": text}).json()["summary"]["cell"] for text in ("0", "0.5", "1")]
    assert sizes[0] == 1 >= sizes[1] >= sizes[2]
    assert sizes[1] == forward(service, content).json()["summary"]["cell"]


def test_several_forms_of_one_answer(service, table):
    content, asked = png(table[IMAGE][0]), "mask, overlay,probability,picture,colours,foreground"
    body = forward(service, content, **{"X-Output": asked, "X-Threshold": "0.3"}).json()
    assert list(body["images"]) == ["mask", "overlay", "probability", "picture", "colours", "foreground"]
    assert body["image"] == body["images"]["mask"]
    images = {name: seen(base64.b64decode(text)) for name, text in body["images"].items()}
    for name in ("overlay", "probability"):
        alone = forward(service, content, **{"X-Output": name, "X-Threshold": "0.3"}).json()
        np.testing.assert_array_equal(decoded(alone), images[name])
    inside = images["mask"] > 0
    np.testing.assert_array_equal(images["colours"].any(axis=2), inside)
    np.testing.assert_array_equal(images["foreground"][inside], images["colours"][inside])
    assert images["foreground"].any(axis=2).all() and images["picture"].shape == (40, 56)
    # A threshold of the pages' own gives the same mask but for the rounding to 8 bits.
    assert ((images["probability"] >= 0.3 * 255) == inside).mean() > 0.98
    check_problem(forward(service, content, **{"X-Output": "mask,mesh"}), 400)


@pytest.mark.parametrize("headers", [{"X-Output": "mesh"}, {"X-Output": ""}, {"X-Output": "mask,"},
                                     {"X-Threshold": "2"}, {"X-Threshold": "nan"}, {"X-Threshold": "half"}])
def test_headers_that_cannot_be_read(service, table, headers):
    body = check_problem(forward(service, png(table[IMAGE][0]), **headers), 400)
    assert body["errors"][0]["where"] in headers


def bomb(side: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(
        b"IEND", b"")


GREY = np.tile(np.arange(0, 240, 10, dtype=np.uint8), (16, 1))
NOISE = np.random.default_rng(0).integers(0, 256, (40, 40), np.uint8)


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(("content", "status", "words"), [
    (png(NOISE)[:500], 400, "cannot be read"),
    (b"this is text", 400, "is no picture"),
    (b"", 400, "is no picture"),
    (bomb(50_000), 413, "pixels"),
    (bomb(600), 413, "pixels"),
    (saved(Image.fromarray(GREY), save_all=True, append_images=[Image.fromarray(255 - GREY)]), 400, "2 frames"),
    (saved(Image.fromarray(GREY).convert("CMYK"), "JPEG"), 400, "CMYK"),
    (saved(Image.merge("LA", [Image.fromarray(GREY)] * 2)), 400, "transparent"),
    (png(np.dstack([GREY, GREY, 255 - GREY])), 400, "in colour"),
    (png(GREY.astype(np.uint16) * 200), 400, "16 bits"),
    (bytes(3 << 20), 413, "bytes"),
], ids=["truncated", "text", "empty", "bomb", "too large", "animated", "CMYK", "alpha", "colour", "16 bits", "bytes"])
def test_pictures_that_are_refused(service, content, status, words):
    assert words in check_problem(forward(service, content, "odd.png"), status)["detail"]


@pytest.mark.parametrize("content", [
    png(GREY[:1, :1]), saved(Image.fromarray(GREY).convert("RGBA")), saved(Image.fromarray(GREY).convert("P")),
    saved(Image.fromarray(GREY > 99)), png(GREY, "TIFF"), png(GREY, "BMP"), png(GREY, "JPEG"), png(GREY, "WEBP"),
], ids=["1 x 1", "opaque", "palette", "black and white", "TIFF", "BMP", "JPEG", "WebP"])
def test_pictures_that_are_merely_odd(service, content):
    assert forward(service, content).status_code == 200


def test_a_picture_that_is_turned_is_answered_upright(service):
    exif = Image.Exif()
    exif[0x0112] = 6
    body = forward(service, saved(Image.fromarray(GREY), "JPEG", exif=exif)).json()
    assert (body["width"], body["height"]) == (16, 24)


def test_a_zip_of_pictures_is_answered_in_order(service, table):
    content = zipped(*((f"{row}.png", png(table[IMAGE][row])) for row in (2, 0, 1)))
    body = send(service, "/forward_batch", content).json()
    assert (body["count"], [item["name"] for item in body["items"]]) == (3, ["0.png", "1.png", "2.png"])
    for row, item in enumerate(body["items"]):
        np.testing.assert_array_equal(decoded(item), decoded(forward(service, png(table[IMAGE][row])).json()))
    raw = service.client.post("/forward_batch", content=content, headers={"Content-Type": "application/zip"})
    assert raw.json()["items"] == body["items"]


def test_the_answer_can_be_a_zip(service, table):
    content = zipped(*((f"{row}.tif", png(table[IMAGE][row], "TIFF")) for row in range(3)))
    answer = send(service, "/forward_batch", content, Accept="application/zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["0.tif.png", "1.tif.png", "2.tif.png", "summary.csv"]
        rows = list(csv.DictReader(io.StringIO(archive.read("summary.csv").decode())))
        assert [row["name"] for row in rows] == ["0.tif", "1.tif", "2.tif"]
        first = seen(archive.read("0.tif.png"))
        assert float(rows[0]["cell"]) == pytest.approx((first > 0).mean(), abs=1e-5)
        assert int(rows[0]["parts_cell"]) == ndimage.label(first, np.ones((3, 3)))[1] > 0


def test_a_labelled_zip_is_judged(service, table):
    answer = send(service, "/evaluate", labelled(table))
    body = answer.json()
    masks = np.array([None] * 3, dtype=object)
    masks[:] = [(decoded(item) > 0).astype(np.uint8) for item in body["items"]]
    assert body["metrics"] == pytest.approx(mask_metrics(table[MASK], masks, 2))
    assert json.loads(answer.headers["x-metrics"]) == body["metrics"]
    assert body["metrics"]["iou"] > 0.8


def test_labelled_pictures_are_added_once(service, table):
    first, again = (send(service, "/add_data", labelled(table)).json() for _ in range(2))
    assert (first["rows_added"], first["duplicate"]) == (3, False)
    assert (again["rows_added"], again["duplicate"], again["dataset_version"]) == (0, True, first["dataset_version"])
    stored = next(service.container.feature_store().read(service.task, first["dataset_version"]))
    for name in (IMAGE, MASK):
        for one, other in zip(stored[name], table[name], strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_same_picture_is_stored_once(service):
    table = make_pictures(service.task, 1, seed=70)
    members = [(f"{folder}/{row}.png", png(pixels)) for row in range(2)
               for folder, pixels in (("images", table[IMAGE][0]), ("masks", table[MASK][0] * 255))]
    before = len(service.container.artifact_store().list("pictures"))
    assert send(service, "/add_data", zipped(*members)).json()["rows_added"] == 2
    assert len(service.container.artifact_store().list("pictures")) == before + 2


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted(content: bytes) -> bytes:
    changed = bytearray(content)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        changed[content.index(mark) + offset] |= 1
    return bytes(changed)


def forged(content: bytes, size: int) -> bytes:
    changed = bytearray(content)
    for mark, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", changed, content.index(mark) + offset, size)
    return bytes(changed)


PAIR = [("images/a.png", png(GREY)), ("masks/a.png", png(GREY * 0))]


@pytest.mark.parametrize("path", ["/add_data", "/evaluate"])
@pytest.mark.parametrize(("content", "status", "where"), [
    (zipped(*PAIR, ("../evil.png", png(GREY))), 400, "../evil.png"),
    (zipped(*PAIR, (link("images/b.png"), b"/etc/passwd")), 400, "images/b.png"),
    (zipped(*PAIR, ("more.zip", zipped(*PAIR))), 400, "more.zip"),
    (encrypted(zipped(*PAIR)), 400, "images/a.png"),
    (forged(zipped(("images/a.png", bytes(1 << 20)), PAIR[1]), 10), 400, "images/a.png"),
    (zipped(("images/a.png", bytes(3 << 20)), PAIR[1]), 413, None),
    (zipped(*((f"images/{number}.png", b"") for number in range(10_000)), method=zipfile.ZIP_STORED), 413, None),
    (zipped(*PAIR, ("masks/b.png", png(GREY))), 400, "masks/b.png"),
    (zipped(*PAIR, ("images/b.png", png(GREY))), 400, "images/b.png"),
    (zipped(PAIR[0], ("masks/a.png", png(GREY[:8]))), 400, "masks/a.png"),
    (zipped(PAIR[0], ("masks/a.png", png(GREY))), 400, "masks/a.png"),
    (zipped(*PAIR, ("images/b.png", png(GREY)[:50]), ("masks/b.png", png(GREY * 0))), 400, "images/b.png"),
    (zipped(*PAIR, ("images/b.png", b"text"), ("masks/b.png", png(GREY * 0))), 400, "images/b.png"),
    (zipped(*PAIR, ("images/b.png", bomb(50_000)), ("masks/b.png", png(GREY))), 413, None),
    (zipped(*PAIR)[:-30], 400, None),
    (zipped(), 400, None),
    (b"PK\3\4" + b"no zip" * 10, 400, None),
], ids=["slip", "link", "nested", "encrypted", "forged", "large", "many", "mask alone", "no mask", "other size",
        "unknown value", "truncated", "text", "bomb", "cut", "empty", "none"])
def test_archives_that_are_refused_whole(service, path, content, status, where):
    before = service.container.feature_store().versions(service.task.name)
    outside = sorted(service.home.parent.iterdir())
    body = check_problem(send(service, path, content), status)
    assert where is None or [fault["where"] for fault in body["errors"]] == [where]
    assert service.container.feature_store().versions(service.task.name) == before
    assert sorted(service.home.parent.iterdir()) == outside


def test_all_faulty_pictures_are_named_at_once(service):
    content = zipped(*PAIR, ("images/b.png", b"text"), ("masks/b.png", png(GREY * 0)),
                     ("images/c.png", png(GREY)), ("masks/c.png", png(GREY)))
    body = check_problem(send(service, "/add_data", content), 400)
    assert [fault["where"] for fault in body["errors"]] == ["images/b.png", "masks/c.png"]


@pytest.mark.parametrize("path", ["/add_data", "/evaluate", "/forward_batch", "/datasets/nuclei/check"])
def test_what_does_not_unpack_and_what_cannot_be_read_are_named_at_once(service, path):
    content = bytearray(zipped(*PAIR, ("images/b.png", b"text"), ("masks/b.png", b"text"), method=zipfile.ZIP_STORED))
    content[content.index(b"IDAT") + 20] ^= 1
    body = check_problem(send(service, path, bytes(content)), 400)
    masks = [] if path == "/forward_batch" else ["masks/b.png"]
    assert [fault["where"] for fault in body["errors"]] == ["images/a.png", "images/b.png", *masks]
    assert "does not unpack" in body["errors"][0]["problem"]


def test_a_row_of_a_table_is_nothing_for_a_task_of_pictures(service):
    check_problem(service.client.post("/forward?task=nuclei", json={"image": "a"}), 400)
    csv_file = {"file": ("rows.csv", b"image,mask\na,b\n")}
    for call, path in ((service.client.post, "/forward_batch"), (service.client.put, "/add_data")):
        check_problem(call(f"{path}?task=nuclei", files=csv_file), 400)


def test_answers_to_pictures_are_counted(service, table):
    forward(service, png(table[IMAGE][0]))
    text = service.client.get("/metrics").text
    assert 'progon_predictions_total{experiment_id="1",label="ground",task="nuclei"}' in text


@pytest.mark.parametrize("path", [
    "/tasks", "/tasks/nuclei", "/datasets/nuclei", "/datasets/nuclei/columns", "/datasets/nuclei/sample", "/metadata",
    "/deployments", "/experiments", "/metrics/1", "/experiments/1/artifacts", "/experiments/1/comparison", "/metrics",
])
def test_whatever_is_asked_about_a_task_of_pictures_is_answered(service, table, path):
    send(service, "/add_data", labelled(make_pictures(service.task, 12, seed=3)))
    assert service.client.get(path).status_code == 200


def test_a_zip_can_be_checked_before_it_is_added(service, table):
    files = {"file": ("pictures.zip", labelled(table))}
    assert service.client.post("/datasets/nuclei/check", files=files).json() == {
        "task": "nuclei", "rows": 3, "rows_without_target": 0}


def test_a_task_of_pictures_is_created_with_its_first_data(service, table):
    document = json.dumps(to_document(make_picture_task("nuclei2")))
    files = {"file": ("pictures.zip", labelled(table))}
    body = service.client.post("/tasks", files=files, data={"task": document})
    assert body.status_code == 200, body.text
    assert [version.rows for version in service.container.feature_store().versions("nuclei2")] == [3]
    other = {"file": ("pictures.zip", zipped(*PAIR, ("masks/b.png", png(GREY))))}
    document = json.dumps(to_document(make_picture_task("nuclei3")))
    check_problem(service.client.post("/tasks", files=other, data={"task": document}), 400)
    check_problem(service.client.get("/tasks/nuclei3"), 404)


def test_the_same_task_with_the_same_pictures_again_changes_nothing(service):
    table = make_pictures(service.task, 4, seed=21)
    files = {"file": ("pictures.zip", labelled(table))}
    first = service.client.post("/tasks", files=files, data={"name": "again"})
    second = service.client.post("/tasks", files=files, data={"name": "again"})
    assert (second.status_code, second.json()) == (200, first.json())
    other = {"file": ("pictures.zip", labelled(table.take(slice(0, 3))))}
    check_problem(service.client.post("/tasks", files=other, data={"name": "again"}), 409)
    assert [version.rows for version in service.container.feature_store().versions("again")] == [4]


def test_a_task_of_pictures_is_inferred(service):
    table = make_pictures(service.task, 5, seed=11)
    files = {"file": ("pictures.zip", labelled(table))}
    assert service.client.post("/tasks", files=files, data={"name": "dry", "dry_run": "true"}).json()["dry_run"]
    assert service.client.post("/tasks", files=files, data={"name": "nuclei4"}).status_code == 200
    task = service.container.task_catalog().get("nuclei4")
    assert (task.labels, task.schema.target.values) == ((0, 255), (0, 255))
    assert (task.schema.features[0].channels, task.schema.features[0].bits) == (1, 8)
    parts = part(next(service.container.feature_store().read(task, 1)), task.split)
    assert parts.train.n_rows >= parts.test.n_rows >= parts.valid.n_rows >= 1
    for data in ({}, {"name": "x", "split_by": "y"}, {"name": "No Name"}):
        check_problem(service.client.post("/tasks", files=files, data=data), 400)


@pytest.mark.parametrize(("mask", "where"), [
    (png(GREY), ["masks/a.png"]), (png(GREY * 0), []), (b"text", ["masks/a.png"]),
    (png(np.stack([GREY, GREY // 2, GREY], axis=2)), ["masks/a.png"]), (png(GREY[:8] % 2), ["masks/a.png"]),
], ids=["classes", "one", "text", "colour", "size"])
@pytest.mark.parametrize("dry_run", ["true", "false"])
def test_pictures_that_make_no_task(service, mask, where, dry_run):
    files = {"file": ("pictures.zip", zipped(PAIR[0], ("masks/a.png", mask)))}
    data = {"name": "odd", "dry_run": dry_run}
    body = check_problem(service.client.post("/tasks", files=files, data=data), 400)
    assert [fault["where"] for fault in body.get("errors", [])] == where


def test_all_that_keeps_pictures_from_a_task_is_named(service):
    files = {"file": ("pictures.zip", zipped(*PAIR, *(
        (f"{folder}/{name}.png", b"text") for name in "bc" for folder in ("images", "masks"))))}
    body = check_problem(service.client.post("/tasks", files=files, data={"name": "odd"}), 400)
    assert [fault["where"] for fault in body["errors"]] == ["images/b.png", "images/c.png"]
    files = {"file": ("pictures.zip", zipped(*PAIR, ("images/b.png", bomb(50_000)), ("masks/b.png", png(GREY))))}
    body = check_problem(service.client.post("/tasks", files=files, data={"name": "odd"}), 413)
    assert body["detail"].startswith("images/b.png has more pixels")


# The stored pictures

@pytest.fixture(scope="module")
def gallery(service) -> Table:
    """Five pictures of two batches, as the only data of a task of their own."""
    task = make_picture_task("gallery", labels=("ground", "one", "two"), values=(0, 9, 255))
    service.container.task_catalog().add(task)
    table = make_pictures(task, 5, seed=11)
    for rows in (slice(0, 2), slice(2, 5)):
        service.container.feature_store().append(task, [table.take(rows)])
    return table


def listed(service, **params) -> dict:
    return service.client.get("/datasets/gallery/pictures", params=params).raise_for_status().json()


def test_the_stored_pictures_are_listed_from_the_newest_on(service, gallery):
    first = listed(service, limit=3)
    assert (first["dataset_version"], first["rows"], first["next"]) == (2, 5, 3)
    rest = listed(service, limit=3, before=first["next"])
    assert [one["row"] for one in (*first["pictures"], *rest["pictures"])] == [5, 4, 3, 2, 1] and rest["next"] is None
    assert [one["row"] for one in listed(service, version=1)["pictures"]] == [2, 1]
    assert listed(service, before=1)["pictures"] == []
    newest, mask = first["pictures"][0], gallery[MASK][4]
    assert (newest["width"], newest["height"]) == (56, 40)
    assert newest["summary"] == pytest.approx(
        {label: (mask == number).mean() for number, label in enumerate(("ground", "one", "two"))}, abs=1e-5)


def test_a_stored_picture_is_fetched_as_it_is_and_for_eyes(service, gallery):
    one = listed(service)["pictures"][0]

    def fetched(digest: str, **params):
        answer = service.client.get(f"/datasets/gallery/pictures/{digest}", params=params).raise_for_status()
        assert answer.headers["content-type"] == "image/png" and "immutable" in answer.headers["cache-control"]
        return seen(answer.content)

    np.testing.assert_array_equal(fetched(one["picture"]), gallery[IMAGE][4][:, :, 0])
    np.testing.assert_array_equal(fetched(one["mask"]), gallery[MASK][4])
    assert fetched(one["picture"], max_px=20).shape == (14, 19)  # each third pixel
    colours = fetched(one["mask"], draw="mask")
    assert colours.shape == (40, 56, 3)
    np.testing.assert_array_equal(colours.any(axis=2), gallery[MASK][4] > 0)


@pytest.mark.parametrize(("path", "status"), [
    ("gallery/pictures/" + "0" * 64, 404), ("gallery/pictures/..%2Fx", 404), ("gallery/pictures/" + "g" * 64, 400),
    ("gallery/pictures/" + "0" * 64 + "?max_px=1", 400), ("gallery/pictures/" + "0" * 64 + "?draw=cat", 400),
    ("nobody/pictures", 404), ("gallery/pictures?version=3", 404), ("gallery/pictures?limit=0", 400),
    ("gallery/pictures?before=0", 400), (f"gallery/pictures?before={2**63}", 400)])
def test_stored_pictures_that_there_are_not(service, gallery, path, status):
    check_problem(service.client.get(f"/datasets/{path}"), status)


def test_the_pixels_of_each_class_are_told(service, gallery):
    body = service.client.get("/datasets/gallery").json()
    shares = {label: np.mean([(mask == number).mean() for mask in gallery[MASK]])
              for number, label in enumerate(("ground", "one", "two"))}
    assert body["pixels"] == pytest.approx(shares)
    assert sum(body["versions"][0]["pixels"].values()) == pytest.approx(1)


def test_a_file_is_shown_before_it_is_added(service, gallery, table):
    body = send(service, "/datasets/nuclei/check?preview=2", labelled(table)).json()
    assert body["rows"] == 3
    assert [(one["name"], one["width"], one["height"]) for one in body["pictures"]] == [
        ("images/0.png", 56, 40), ("images/1.png", 56, 40)]
    mask = seen(base64.b64decode(body["pictures"][1]["mask"]))
    np.testing.assert_array_equal(mask.any(axis=2), table[MASK][1] > 0)
    assert seen(base64.b64decode(body["pictures"][1]["picture"])).shape == (40, 56)
    assert "pictures" not in send(service, "/datasets/nuclei/check", labelled(table)).json()
    check_problem(send(service, "/datasets/nuclei/check?preview=99", labelled(table)), 400)


@pytest.mark.parametrize("path", ["/add_data", "/evaluate", "/forward_batch", "/datasets/nuclei/check"])
def test_texts_beside_the_pictures_are_passed_over_and_told(service, path):
    row = make_pictures(service.task, 1, seed=70)
    content = zipped(("image/a.png", png(row[IMAGE][0])), ("label/a_mask.png", png(row[MASK][0] * 255)),
                     ("summary.csv", b"name\n"))
    call = service.client.put if path == "/add_data" else service.client.post
    answer = call(path, params={} if "check" in path else {"task": "nuclei"},
                  files={"file": ("pictures.zip", content)}, headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["passed_over"] == [*(["label/a_mask.png"] if path == "/forward_batch" else []), "summary.csv"]


def test_a_task_whose_masks_have_void_pixels(service):
    rows = make_pictures(service.task, 3, seed=71)
    masks = [np.where(np.arange(mask.shape[1]) < 4, 255, mask + (mask > 0)).astype(np.uint8) for mask in rows[MASK]]
    masks[0][0, -1] = 1
    content = zipped(*(member for row in range(3) for member in (
        (f"JPEGImages/{row}.png", png(rows[IMAGE][row])), (f"SegmentationClass/{row}.png", png(masks[row])))))
    body = service.client.post("/tasks", data={"name": "with_void"},
                               files={"file": ("p.zip", content)}).json()
    assert (body["labels"], body["columns"][1]["void"], body["rows_added"]) == ([0, 1, 2], 255, 3)
    pixels = service.client.get("/datasets/with_void").json()["pixels"]
    assert pixels["2"] == pytest.approx(sum((mask == 2).sum() for mask in masks) / sum(
        (mask != 255).sum() for mask in masks), abs=1e-6)
    stored = service.client.get("/datasets/with_void/pictures").json()["pictures"]
    assert sum(stored[0]["summary"].values()) == pytest.approx(1, abs=1e-5)
    mask = seen(service.client.get(f"/datasets/with_void/pictures/{stored[-1]['mask']}").content)
    assert (mask[:, :4] == 255).all() and mask[0, -1] == 1


def infer(service: Service, head: dict, raw: bytes):
    tensor = {"name": IMAGE, "parameters": {"binary_data_size": len(raw)}} | head
    text = json.dumps({"inputs": [tensor], "outputs": [{"name": "prediction", "parameters": {"binary_data": True}}]})
    return service.client.post(f"/v2/models/{service.task.name}/infer", content=text.encode() + raw,
                               headers={"Inference-Header-Content-Length": str(len(text.encode()))})


def masks(answer) -> np.ndarray:
    assert answer.status_code == 200, answer.text
    size = int(answer.headers["inference-header-content-length"])
    output, = json.loads(answer.content[:size])["outputs"]
    return np.frombuffer(answer.content[size:], np.uint8).reshape(output["shape"])


def test_tensors_of_pixels_and_of_files_are_answered_alike(service, table):
    pictures = np.stack(list(table[IMAGE][:2]))
    of_pixels = masks(infer(service, {"datatype": "UINT8", "shape": pictures.shape}, pictures.tobytes()))
    files = [png(picture[:, :, 0]) for picture in pictures]
    raw = b"".join(struct.pack("<I", len(file)) + file for file in files)
    of_files = masks(infer(service, {"datatype": "BYTES", "shape": [2]}, raw))
    assert of_pixels.shape == pictures.shape[:3] and (of_pixels == of_files).all() and of_pixels.any()
    answer = service.client.post(f"/forward?task={service.task.name}", files={"image": ("a.png", files[0])})
    drawn = decoded(answer.json())
    assert ((drawn > 0) == (of_pixels[0] > 0)).all()


@pytest.mark.parametrize(("head", "raw", "words"), [
    ({"datatype": "UINT8", "shape": [1, 2, 2, 3]}, b"a" * 12, "pictures are UINT8"),
    ({"datatype": "FP32", "shape": [1, 1, 1, 1]}, b"a" * 4, "pictures are UINT8"),
    ({"datatype": "UINT8", "shape": [1, 0, 2, 1]}, b"", "pictures are UINT8"),
    ({"datatype": "BYTES", "shape": [1]}, b"\x03\0\0\0abc", "no picture"),
    ({"datatype": "BYTES", "shape": [1], "name": "photo"}, b"\x03\0\0\0abc", "takes the one input"),
])
def test_tensors_that_are_no_pictures(service, head, raw, words):
    answer = infer(service, head, raw)
    assert answer.status_code == 400 and words in answer.json()["error"]


def test_tensors_of_pictures_over_grpc(service, table):
    pictures = np.stack(list(table[IMAGE][:2]))
    files = [png(picture[:, :, 0]) for picture in pictures]
    raws = {"UINT8": pictures.tobytes(), "BYTES": b"".join(struct.pack("<I", len(file)) + file for file in files)}
    with grpc_server(service) as address, grpc.insecure_channel(address) as channel:
        told = [over_grpc(channel, "ModelInfer", messages.ModelInferRequest(
            model_name=service.task.name, outputs=[{"name": "prediction"}], raw_input_contents=[raws[datatype]],
            inputs=[{"name": IMAGE, "datatype": datatype, "shape": shape}]))[0]
            for datatype, shape in (("UINT8", pictures.shape), ("BYTES", [2]))]
    of_pixels = masks(infer(service, {"datatype": "UINT8", "shape": pictures.shape}, raws["UINT8"]))
    for answer in told:
        assert (tuple(answer.outputs[0].shape), answer.raw_output_contents[0]) == (of_pixels.shape, of_pixels.tobytes())
