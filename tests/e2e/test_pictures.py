"""The loop on pictures, through a live service that trains: data, retrain, deploy, answers."""
from __future__ import annotations

import base64
import csv
import io
import zipfile
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from PIL import Image

from domain.scoring import mask_metrics
from domain.table import Table
from domain.task_document import to_document
from tests.e2e.server import Server, web
from tests.pictures import IMAGE, MASK, make_picture_task, make_pictures

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
TASK = make_picture_task()


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """It knows the task, and nothing of it yet."""
    with Server(tmp_path_factory.mktemp("home"), PROGON_TRAINING_THREADS=1) as server:
        web.post(f"{server.start().url}/tasks", json=to_document(TASK)).raise_for_status()
        yield server


@pytest.fixture
def client(server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=120) as client:
        yield client


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def zipped(table: Table, labelled: bool) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for row in range(table.n_rows):
            archive.writestr(f"images/{row:02}.png", png(table[IMAGE][row][:, :, 0]))
            if labelled:
                archive.writestr(f"masks/{row:02}.png", png(table[MASK][row] * 255))
    return file.getvalue()


def masks(contents: list[bytes]) -> list[np.ndarray]:
    """Positions of the classes."""
    return [(np.array(Image.open(io.BytesIO(content))) > 0).astype(np.uint8) for content in contents]


def test_the_loop(client):
    learned, unseen = make_pictures(TASK, 16, seed=1), make_pictures(TASK, 3, seed=2)
    content = zipped(learned, labelled=True)
    added, again = (client.put("/add_data", files={"file": ("pictures.zip", content)}).raise_for_status().json()
                    for _ in range(2))
    assert (added["dataset_version"], added["rows_added"], added["duplicate"]) == (1, 16, False)
    assert (again["dataset_version"], again["rows_added"], again["duplicate"]) == (1, 0, True)
    assert client.post("/forward", files={"image": png(unseen[IMAGE][0][:, :, 0])}).status_code == 403, "no model yet"

    trained = client.put("/retrain", params={"wait": 120}).raise_for_status().json()
    assert trained["status"] == "succeeded"
    assert trained["metrics"]["test"]["iou"] > 0.8
    assert client.post(f"/deploy/{trained['experiment_id']}").raise_for_status().json()["generation"] == 1

    worst = client.get(f"/experiments/{trained['experiment_id']}/artifacts/plots/worst_pictures_sheet.png")
    assert Image.open(io.BytesIO(worst.raise_for_status().content)).width > 500
    left = client.get(f"/experiments/{trained['experiment_id']}/artifacts").json()["artifacts"]
    assert any(each["path"].startswith("tensorboard/pictures/events.out.tfevents") for each in left)

    single = [client.post("/forward", files={"image": png(picture[:, :, 0])}).raise_for_status().json()
              for picture in unseen[IMAGE]]
    answers = masks([base64.b64decode(body["image"]) for body in single])
    expected = mask_metrics(unseen[MASK], answers, 2)
    assert expected["iou"] > 0.8

    batch = client.post("/forward_batch", files={"file": ("pictures.zip", zipped(unseen, labelled=False))},
                        headers={"Accept": "application/zip"}).raise_for_status()
    with zipfile.ZipFile(io.BytesIO(batch.content)) as archive:
        names = [f"images/{row:02}.png" for row in range(3)]
        assert archive.namelist() == [*names, "summary.csv"]
        for one, other in zip(masks([archive.read(name) for name in names]), answers, strict=True):
            np.testing.assert_array_equal(one, other)
        rows = list(csv.DictReader(io.StringIO(archive.read("summary.csv").decode())))
    assert [float(row["cell"]) for row in rows] == [body["summary"]["cell"] for body in single]

    judged = client.post("/evaluate", files={"file": ("pictures.zip", zipped(unseen, labelled=True))})
    assert judged.raise_for_status().json()["metrics"] == pytest.approx(expected)


def test_the_same_picture_twice_is_one(server, client):
    def stored() -> int:
        return len([*(server.home / "artifacts" / "pictures").rglob("*.png")])

    twice, before = make_pictures(TASK, 1, seed=3).take(np.array([0, 0])), stored()
    added = client.put("/add_data", files={"file": ("twice.zip", zipped(twice, labelled=True))}).raise_for_status()
    assert added.json()["rows_added"] == 2
    assert stored() == before + 2, "a picture and a mask"
