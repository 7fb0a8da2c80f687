"""The pages of tasks of pictures, over an API that is made up."""
from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from starlette.testclient import TestClient

from tests.http.pages.looking import assert_page, client_of, token
from tests.http.pages.made_up_api import AT, HOSTILE, FakeApi, problem

SHA = "ab" * 32
LAYERS = ("picture", "colours", "overlay", "probability", "foreground")
PNG = b"\x89PNG a picture"


@dataclass
class PictureApi(FakeApi):
    """labels: of the task. pictures: how many are stored."""

    labels: tuple[str, ...] = ("background", "nucleus")
    pictures: int = 30

    def _routes(self):
        return (
            (r"/datasets/cells/pictures", self._gallery),
            (r"/datasets/cells/check", lambda: {"task": "cells", "rows": 2, "pictures": [
                {"name": "images/a.png" + self.hostile, "width": 8, "height": 4, "picture": _text(PNG),
                 "mask": _text(PNG), "summary": self._shares()}]}),
            (r"/forward", lambda: {
                "request_id": "r" + self.hostile, "task": "cells", "experiment_id": 1, "image": _text(PNG),
                "media_type": "image/png", "width": 8, "height": 4, "summary": self._shares(),
                "images": {name: _text(name.encode()) for name in LAYERS}}),
            (r"/experiments/(\d+)/artifacts", lambda _: {"artifacts": [
                {"path": f"plots/{name}", "size_bytes": 10} for name in (
                    "worst_pictures_sheet.png", "pictures_sheet.png", "worst_pictures.json", "other_sheet.png")]}),
            (r"/experiments/(\d+)/artifacts/plots/worst_pictures.json", lambda _: [
                {"picture": "7" + self.hostile, "iou": 0.25}]),
            *super()._routes(),
        )

    def _shares(self) -> dict[str, float]:
        return {label + self.hostile: 1 / len(self.labels) for label in self.labels}

    def _gallery(self) -> dict | None:
        rows = [{"row": self.pictures - number, "picture": SHA, "mask": SHA, "width": 256, "height": 128,
                 "summary": self._shares()} for number in range(min(self.pictures, 24))]
        return {"task": "cells", "dataset_version": 1, "rows": self.pictures, "pictures": rows,
                "next": 7 if self.pictures > 24 else None} if rows else None

    def _dataset(self) -> dict:
        known = bool(self.pictures)
        version = {"dataset_version": 1, "batch_id": "b", "rows_added": 5, "rows": 5, "created_at": AT, "target": None,
                   "labels": dict.fromkeys(self._shares(), 1.0), "pixels": self._shares()}
        return {"task": "cells", "rows": 5, "labels": None, "pixels": self._shares() if known else None,
                "versions": [version] if known else []}


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def a_picture_api(hostile: str = "", **changes) -> PictureApi:
    api = PictureApi(hostile=hostile, **changes)
    task = {"name": "cells", "kind": "image", "problem": "segmentation", "description": hostile,
            "labels": [label + hostile for label in api.labels], "training": {"iterations": 5}, "columns": [
                {"name": "image", "type": "picture"}, {"name": "mask", "type": "mask", "role": "target"}]}
    experiment = {
        "experiment_id": 1, "task": "cells", "name": hostile, "status": "succeeded", "progress": 1.0, "stage": "done",
        "iteration": 1, "iterations": 1, "loss": None, "dataset_version": 1, "commit_hash": "abc", "created_at": AT,
        "started_at": AT, "finished_at": AT, "params": {}, "schema_version": 1,
        "parts": {}, "warnings": [], "error": None,
        "from_cache": False, "origin": "trained", "parent": None, "search": None,
        "tags": [], "note": "", "pinned": False, "archived": False,
        "metrics": {part: {"iou": 0.9, "dice": 0.95, "pixel_accuracy": 0.99} for part in ("train", "valid", "test")}}
    api.tasks, api.experiments = [task], [experiment, experiment | {"experiment_id": 2}]
    return api


@pytest.fixture
def api() -> PictureApi:
    return a_picture_api()


@pytest.fixture
def client(api) -> Iterator[TestClient]:
    with client_of(api) as client:
        yield client


PATHS = ("/ui/try/cells", "/ui/data/cells", "/ui/data/cells?added=1", "/ui/data/cells?before=7", "/ui/experiments/1",
         "/ui/compare?ids=1,2", "/ui/deployments/deploy/2", "/ui/retrain/cells")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_with_pictures(path, language):
    with client_of(a_picture_api(), **{"accept-language": language}) as client:
        assert_page(client.get(path), language)


@pytest.mark.parametrize("path", PATHS[:2])
def test_a_task_without_pictures_or_words(path):
    api = a_picture_api(pictures=0)
    del api.tasks[0]["description"]
    with client_of(api) as client:
        response = client.get(path)
        assert_page(response)
        assert "<img" not in response.text


@pytest.mark.parametrize("path", PATHS)
def test_hostile_text_is_shown_as_text(path):
    with client_of(a_picture_api(HOSTILE)) as client:
        response = client.get(path)
        assert_page(response)
        assert "<script>alert" not in response.text and "<img src=x" not in response.text


def send_picture(client, name: str = "a.png", **form: str) -> httpx.Response:
    return client.post("/ui/try/cells", data={"csrf": token(client)} | form, files={"image": (name, PNG, "image/png")})


def sent(api, path: str) -> list[httpx.Request]:
    return [request for _, asked, request in api.asked if asked == path]


def test_a_picture_is_answered_by_one_run_of_the_model(client, api):
    response = send_picture(client, "it's \\<b>.png")
    assert_page(response)
    request, = sent(api, "/forward")
    assert request.headers["x-output"] == ",".join(LAYERS) and "x-threshold" not in request.headers
    assert PNG in request.content and request.url.params["task"] == "cells"
    assert "&lt;b&gt;.png" in response.text and "<b>.png" not in response.text
    assert r"image=@&#34;it&#39;\&#39;&#39;s \\&lt;b&gt;.png&#34;" in response.text
    pieces = re.search(r'data-viewer="([^"]+)"', response.text)[1]
    for name in LAYERS:
        layer = client.get(pieces + name)
        assert (layer.content, layer.headers["content-type"]) == (name.encode(), "image/png")
    assert client.get(pieces + "other").status_code == 404
    assert client.get(pieces.replace("cells", "flights") + "overlay").status_code == 404


def test_the_picture_that_was_sent_can_be_drawn_again_with_a_threshold(client, api):
    kept = re.search(r'name="picture" value="(\w+)"', send_picture(client).text)[1]
    response = client.post("/ui/try/cells", data={"csrf": token(client), "picture": kept, "threshold": "0,3"})
    assert_page(response)
    assert sent(api, "/forward")[1].headers["x-threshold"] == "0.3" and PNG in sent(api, "/forward")[1].content
    assert 'value="0.3"' in response.text and "X-Threshold: 0.3" in response.text
    gone = client.post("/ui/try/cells", data={"csrf": token(client), "picture": "0" * 32, "threshold": "0.3"})
    assert gone.status_code == 400 and "The picture has gone" in gone.text


def test_of_several_classes_the_likeliest_is_chosen_unless_a_threshold_is():
    api = a_picture_api(labels=("ground", "one", "two"))
    with client_of(api) as client:
        likeliest = send_picture(client, threshold="0.3", likeliest="1")
        assert "x-threshold" not in sent(api, "/forward")[0].headers and "checked" in likeliest.text
        chosen = send_picture(client, threshold="0.3")
        assert sent(api, "/forward")[1].headers["x-threshold"] == "0.3" and " checked" not in chosen.text
        assert 'data-class="0,0,0"' in chosen.text and 'data-class="86,180,233"' in chosen.text


def test_a_picture_of_the_task_is_sent_by_its_thumbnail(client, api):
    api.answers[f"/datasets/cells/pictures/{SHA}"] = httpx.Response(200, content=PNG)
    assert f'name="example" value="{SHA}"' in client.get("/ui/try/cells").text
    assert_page(client.post("/ui/try/cells", data={"csrf": token(client), "example": SHA}))
    assert PNG in sent(api, "/forward")[0].content


@pytest.mark.parametrize(("status", "words"), [
    (400, "a.png: is no picture in one of the formats PNG"), (403, "Look at which experiment serves"), (413, ">d<")])
def test_faults_of_a_picture_stand_beside_its_field(client, api, status, words):
    faults = [("a.png", "is no picture in one of the formats PNG")] if status == 400 else []
    api.answers["/forward"] = problem(status, "no", *faults)
    response = send_picture(client)
    assert response.status_code == status
    field = re.search(r'<div class="field faulty">(.*?)</div>', response.text, re.DOTALL)[1]
    assert words in field and 'aria-invalid="true"' in field


def test_a_form_without_a_picture(client, api):
    response = client.post("/ui/try/cells", data={"csrf": token(client)})
    assert response.status_code == 400 and "No picture was chosen" in response.text
    assert not sent(api, "/forward")


def a_zip(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, PNG)
        archive.writestr("summary.csv", "name,media_type,background,nucleus\n" + "".join(
            f"{number},image/png,0.75,0.25\n" for number, _ in enumerate(names)))
    return file.getvalue()


@pytest.mark.parametrize(("names", "route"), [
    (["images/a.png", "masks/a.png"], "/evaluate"), (["a.png", "a_mask.png"], "/evaluate"),
    (["x\\Masks\\a.png"], "/evaluate"), (["a.png", "unmasked.png"], "/forward_batch"), ([], "/forward_batch")])
def test_a_zip_is_judged_if_it_has_masks(client, api, names, route):
    answers = a_zip("a.png", "<b>.png", "clip.mp4", "clip.avi")
    api.answers[route] = httpx.Response(200, content=answers, headers={
        "X-Experiment-ID": "1"} | ({"X-Metrics": '{"iou": 0.7}'} if route == "/evaluate" else {}))
    response = client.post("/ui/try/cells/batches", data={"csrf": token(client), "output": "overlay"},
                           files={"file": ("<i>.zip", a_zip(*names) if names else b"no zip")})
    assert_page(response)
    request, = sent(api, route)
    assert (request.headers["x-output"], request.headers["accept"]) == ("overlay", "application/zip")
    assert ("0.7000" in response.text) == (route == "/evaluate")
    assert "&lt;b&gt;.png" in response.text and "&lt;i&gt;.zip" in response.text and "nucleus 25.0%" in response.text
    pieces = re.findall(r'<(img|video) src="([^"]+/pieces/[^"]+)"', response.text)
    assert [kind for kind, _ in pieces] == ["img", "img", "video"]
    assert [client.get(address).headers["content-type"] for _, address in pieces] == ["image/png"] * 2 + ["video/mp4"]
    assert client.get(re.sub(r"\d+$", "4", pieces[0][1])).status_code == 404  # summary.csv is no picture
    assert client.get(re.sub(r"\d+$", "-9", pieces[0][1])).status_code == 404
    assert client.get(response.url.path + "/file").content == answers


def test_an_answer_that_is_no_zip_is_merely_not_shown(client, api):
    api.answers["/forward_batch"] = httpx.Response(200, content=b"PK no zip")
    response = client.post("/ui/try/cells/batches", data={"csrf": token(client), "output": "x"},
                           files={"file": ("a.zip", b"")})
    assert_page(response)
    assert "There is nothing to show" in response.text
    assert "x-output" not in sent(api, "/forward_batch")[0].headers


def test_faults_of_a_zip_are_named_by_file(client, api):
    api.answers["/datasets/cells/check"] = problem(400, "bad request", ("images/<b>.png", "has no mask"))
    response = client.post("/ui/data/cells/check", data={"csrf": token(client)}, files={"file": ("f.zip", b"x")})
    assert response.status_code == 400
    assert "<td>images/&lt;b&gt;.png</td><td>has no mask</td>" in response.text


def test_a_zip_is_seen_before_it_is_added(client, api):
    preview = client.post("/ui/data/cells/check", data={"csrf": token(client)}, files={"file": ("f.zip", b"zip")})
    assert_page(preview)
    assert sent(api, "/datasets/cells/check")[0].url.params["preview"] == "12"
    assert preview.text.count(f"data:image/png;base64,{_text(PNG)}") == 2 and "images/a.png" in preview.text
    assert "Add 2 pictures" in preview.text and not sent(api, "/add_data")
    assert_page(client.post(preview.url.path + "/add", data={"csrf": token(client)}))
    assert sent(api, "/add_data")[0].headers["content-type"] == "application/zip"


def test_the_gallery_leads_to_older_pictures(client, api):
    text = client.get("/ui/data/cells?added=1").text
    assert text.count('class="pair"') == 24 and 'href="/ui/data/cells?before=7#pictures"' in text
    client.get("/ui/data/cells?before=7&version=1")
    asked = sent(api, "/datasets/cells/pictures")[-1].url.params
    assert (asked["before"], asked["version"], asked["limit"]) == ("7", "1", "24")
    assert client.get("/ui/data/cells?before=x<b>").status_code == 400


def test_a_stored_picture_is_passed_on_and_kept(client, api):
    api.answers[f"/datasets/cells/pictures/{SHA}"] = httpx.Response(
        200, stream=httpx.ByteStream(PNG), headers={"content-type": "image/png", "cache-control": "private, immutable"})
    answer = client.get(f"/ui/data/cells/pictures/{SHA}?draw=mask&max_px=96")
    assert (answer.content, answer.headers["cache-control"]) == (PNG, "private, immutable")
    assert dict(sent(api, f"/datasets/cells/pictures/{SHA}")[0].url.params) == {"draw": "mask", "max_px": "96"}


def test_contact_sheets_stand_on_their_experiment_and_side_by_side(client):
    one = client.get("/ui/experiments/1").text
    assert re.findall(r'<img src="([^"]+)"', one) == [
        f"/ui/experiments/1/artifacts/plots/{name}" for name in ("worst_pictures_sheet.png", "pictures_sheet.png")]
    assert "picture 7" in one and "0.250" in one
    assert re.findall(r'<img src="([^"]+)"', client.get("/ui/compare?ids=1,2").text) == [
        f"/ui/experiments/{number}/artifacts/plots/worst_pictures_sheet.png" for number in (1, 2)]


def test_a_kept_answer_of_another_shape_is_not_found(client, api):
    api.answers["/forward"] = httpx.Response(200, text=json.dumps({
        "experiment_id": 1, "request_id": "r", "width": 1, "height": 1, "summary": {}, "images": {"overlay": 5}}))
    pieces = re.search(r'data-viewer="([^"]+)"', send_picture(client).text)[1]
    assert client.get(pieces + "overlay").status_code == 404
    assert client.get(pieces + "mask").status_code == 404
