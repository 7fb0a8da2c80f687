"""Videos in, videos or frames out, through the whole service on SQLite with a real model file."""
from __future__ import annotations

import base64
import csv
import io
import sys
import zipfile
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.pyav.video_codec import PyavVideoCodec
from application.ports.video_codec import VideoContainer
from application.use_cases.train_model import TrainModel
from domain.deployment import Deployment
from domain.provenance import model_path, stamp
from domain.scoring import mask_metrics
from domain.task import Task
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.builders import make_task, succeeded
from tests.fakes.clock import START
from tests.http.problems import check_problem
from tests.http.test_pictures import Service, png, seen, send, zipped
from tests.pictures import IMAGE, MASK, make_picture_parts, make_picture_task, make_pictures
from tests.videos import colour_frames, grey_frames, written

CODEC = PyavVideoCodec()
KINDS = list(VideoContainer)
MEDIA = {"mp4": "video/mp4", "avi": "video/x-msvideo", "webm": "video/webm"}


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Service]:
    home, task, colour = tmp_path_factory.mktemp("home"), make_picture_task(), make_picture_task("colour", channels=3)
    container = make_container(Settings(
        home=home, commit_hash="abc", refresh_s=0.01, default_image_task=task.name, max_picture_bytes=1 << 20,
        max_video_frames=30, max_video_pixels=10_000))
    container.storage().migrate()
    for each in (task, colour):
        deploy(container, each, tmp_path_factory.mktemp("events"))
    container.task_catalog().add(make_task(name="rows"))
    with TestClient(create_app(container), raise_server_exceptions=False) as client:
        container.serving_models().refresh()
        yield Service(container, client, task, home)


def deploy(container, task: Task, events) -> None:
    container.task_catalog().add(task)
    experiment = container.experiment_log().add(succeeded(task, {"test": {"iou": 0.9}}))
    training = TrainModel(CatboostPixelTrainer(2), OnnxModelLoader(1)).execute(
        task, make_picture_parts(task), events, lambda *_: None)
    stamped = OnnxModelLoader().stamp(training.model, stamp(experiment, experiment.metrics, START))
    container.artifact_store().put(model_path(experiment.id), io.BytesIO(stamped))
    container.deployment_log().append(task.name, lambda _: Deployment(task.name, experiment.id, None, 1, START))


def clip(container: str = "mp4", n: int = 8, size: tuple[int, int] = (41, 57), steps=None) -> bytes:
    return written(CODEC, VideoContainer(container), list(grey_frames(n, *size)), steps=steps)


def frames_of(content: bytes, container: str) -> list[np.ndarray]:
    return [frame.pixels for frame in CODEC.read(content, VideoContainer(container)).frames]


def times_of(content: bytes, container: str) -> list[Fraction]:
    video = CODEC.read(content, VideoContainer(container))
    return [frame.at * video.facts.tick_s for frame in video.frames]


def only_item(response) -> dict:
    assert response.status_code == 200, response.text
    item, = response.json()["items"]
    return item


def decoded(item: dict) -> bytes:
    return base64.b64decode(item["video"])


@pytest.mark.parametrize("container", KINDS)
@pytest.mark.parametrize("size", [(40, 56), (41, 57)])
def test_a_video_is_answered_by_a_video_of_the_same_kind_length_and_times(service, container, size):
    content = clip(container, size=size, steps=[1, 1, 3, 1, 1, 2, 1, 1])
    item = only_item(send(service, "/forward_batch", zipped((f"clip.{container}", content))))
    assert set(item) == {"name", "video", "media_type", "width", "height", "frames", "summary"}
    assert (item["name"], item["media_type"], item["frames"]) == (f"clip.{container}", MEDIA[container], 8)
    assert (item["height"], item["width"]) == size
    answer = decoded(item)
    assert times_of(answer, container) == times_of(content, container)
    assert {frame.shape for frame in frames_of(answer, container)} == {(*size, 1)}
    if container != "webm":
        assert length_and_rate(answer) == length_and_rate(content)


def length_and_rate(content: bytes) -> tuple:
    with av.open(io.BytesIO(content)) as opened:
        return opened.duration, opened.streams.video[0].average_rate


@pytest.mark.parametrize("container", KINDS)
def test_the_mask_of_a_video_is_that_of_its_frames_without_loss(service, container):
    content = clip(container)
    item = only_item(send(service, "/forward_batch", zipped((f"clip.{container}", content))))
    body = send(service, "/forward_batch", zipped((f"clip.{container}", content)), **{"X-Video": "frames"}).json()
    assert [each["name"] for each in body["items"]] == [f"clip.{container}/{n:06d}.png" for n in range(8)]
    masks = [seen(base64.b64decode(each["image"])) for each in body["items"]]
    for one, other in zip(frames_of(decoded(item), container), masks, strict=True):
        np.testing.assert_array_equal(one[:, :, 0], other)
    assert 0 < item["summary"]["cell"] < 1
    assert item["summary"]["cell"] == pytest.approx(np.mean([mask > 0 for mask in masks]), abs=1e-5)
    alone = service.client.post("/forward", files={"image": ("a.png", png(frames_of(content, container)[3]))}).json()
    np.testing.assert_array_equal(seen(base64.b64decode(alone["image"])), masks[3])


def test_a_video_can_be_answered_in_other_forms(service):
    content = zipped(("clip.mp4", clip()))
    overlay = only_item(send(service, "/forward_batch", content, **{"X-Output": "overlay"}))
    assert {frame.shape[2] for frame in frames_of(decoded(overlay), "mp4")} == {3}
    likely = only_item(send(service, "/forward_batch", content, **{"X-Output": "probability"}))
    assert {frame.shape[2] for frame in frames_of(decoded(likely), "mp4")} == {1}
    whole = only_item(send(service, "/forward_batch", content, **{"X-Threshold": "0"}))
    assert whole["summary"]["cell"] == 1
    assert all((frame == 255).all() for frame in frames_of(decoded(whole), "mp4"))


def test_videos_and_pictures_in_one_zip_come_in_order(service):
    picture = png(next(grey_frames(1, 30, 40)))
    content = zipped(("c.png", picture), ("b.webm", clip("webm", 3)), ("a.png", picture), ("d.avi", clip("avi", 2)),
                     ("e.mp4", clip("mp4", 1, (1, 1))))
    body = send(service, "/forward_batch", content).json()
    assert body["count"] == 5
    assert [item["name"] for item in body["items"]] == ["a.png", "b.webm", "c.png", "d.avi", "e.mp4"]
    assert [item.get("frames") for item in body["items"]] == [None, 3, None, 2, 1]


@pytest.mark.parametrize("as_frames", [False, True])
def test_the_answer_can_be_a_zip(service, as_frames):
    headers = {"Accept": "application/zip"} | ({"X-Video": "frames"} if as_frames else {})
    answer = send(service, "/forward_batch", zipped(("clip.webm", clip("webm", 3)), ("a.bmp", png(
        next(grey_frames(1, 9, 9)), "BMP"))), **headers)
    names = [f"clip.webm/{n:06d}.png" for n in range(3)] if as_frames else ["clip.webm"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["a.bmp.png", *names, "summary.csv"]
        rows = list(csv.DictReader(io.StringIO(archive.read("summary.csv").decode())))
        assert [row["name"] for row in rows] == ["a.bmp", *names]
        assert rows[1]["media_type"] == ("image/png" if as_frames else "video/webm")
        if not as_frames:
            assert len(frames_of(archive.read("clip.webm"), "webm")) == 3


def test_colour_is_for_tasks_of_colour(service):
    coloured = written(CODEC, VideoContainer.MP4, list(colour_frames(3, 41, 57)), exact=False)
    body = check_problem(send(service, "/forward_batch", zipped(("a.mp4", coloured))), 400)
    assert [(fault["where"], fault["problem"]) for fault in body["errors"]] == [
        ("a.mp4", "is in colour; the task takes grey pictures")]
    for content in (coloured, clip()):
        assert only_item(send(service, "/forward_batch?task=colour", zipped(("a.mp4", content))))["frames"] in (3, 8)


def test_frames_are_kept_like_pictures(service):
    answer = send(service, "/forward_batch", zipped(("clip.mp4", clip(n=5))))
    service.container.ship_predictions().execute()
    kept = list(rows_of_log(service, answer.json()["request_id"]))
    assert [row["row_no"] for row in kept] == [1, 2, 3, 4, 5]
    assert len({row["inputs"] for row in kept}) == 5


def rows_of_log(service: Service, request_id: str) -> Iterator[dict]:
    from sqlalchemy import text
    with service.container.database().engine.connect() as connection:
        yield from connection.execute(text(
            "SELECT row_no, inputs FROM prediction_log WHERE request_id = :id ORDER BY row_no"),
            {"id": request_id}).mappings()


def labelled(table, video: bytes, pattern: str, numbers, suffix: str = "mp4") -> bytes:
    return zipped((f"images/clip.{suffix}", video), *(
        (f"masks/{pattern.format(number)}", png(table[MASK][number] * 255)) for number in numbers))


@pytest.fixture(scope="module")
def table(service):
    return make_pictures(service.task, 6, seed=21)


@pytest.fixture(scope="module")
def video(table) -> bytes:
    return written(CODEC, VideoContainer.MP4, list(table[IMAGE]))


NAMES = ["clip_{:06d}.png", "clip/{:06d}.png", "clip.mp4/{:06d}.png", "clip_{}.tif"]


@pytest.mark.parametrize("pattern", NAMES)
def test_labelled_frames_are_judged(service, table, video, pattern):
    body = send(service, "/evaluate", labelled(table, video, pattern, [1, 4])).json()
    assert [item["name"] for item in body["items"]] == ["images/clip.mp4/000001.png", "images/clip.mp4/000004.png"]
    masks = np.empty(2, dtype=object)
    masks[:] = [(seen(base64.b64decode(item["image"])) > 0).astype(np.uint8) for item in body["items"]]
    assert body["metrics"] == pytest.approx(mask_metrics(table[MASK][[1, 4]], masks, 2))
    assert body["metrics"]["iou"] > 0.8


def test_labelled_frames_become_rows_and_the_others_do_not(service, table, video):
    added = send(service, "/add_data", labelled(table, video, NAMES[0], [0, 2, 5])).json()
    assert added["rows_added"] == 3
    stored = next(service.container.feature_store().read(service.task, added["dataset_version"]))
    for row, number in enumerate((0, 2, 5)):
        frame = frames_of(video, "mp4")[number]
        np.testing.assert_array_equal(stored[IMAGE][-3:][row], frame)
        np.testing.assert_array_equal(stored[MASK][-3:][row], table[MASK][number])
    again = zipped(*((f"{folder}/x{number}.png", content) for number in (0, 2, 5) for folder, content in (
        ("images", png(frames_of(video, "mp4")[number])), ("masks", png(table[MASK][number] * 255)))))
    assert send(service, "/add_data", again).json()["duplicate"], "the same as the frames sent as pictures"


def test_answers_can_be_corrected_and_sent_back(service, video):
    headers = {"X-Video": "frames", "Accept": "application/zip"}
    answer = send(service, "/forward_batch", zipped(("clip.mp4", video)), **headers)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        corrected = [(f"masks/{name}", archive.read(name)) for name in archive.namelist() if name.endswith(".png")][2:4]
    body = send(service, "/evaluate", zipped(("images/clip.mp4", video), *corrected)).json()
    assert (body["count"], body["metrics"]["iou"]) == (2, 1)


def test_a_task_is_inferred_from_labelled_frames(service, table, video):
    files = {"file": ("pictures.zip", labelled(table, video, NAMES[1], range(6)))}
    assert service.client.post("/tasks", files=files, data={"name": "filmed"}).status_code == 200
    task = service.container.task_catalog().get("filmed")
    assert (task.labels, task.schema.features[0].channels) == ((0, 255), 1)
    assert [version.rows for version in service.container.feature_store().versions("filmed")] == [6]


GREY_MASK = png(np.zeros((41, 57), np.uint8))


@pytest.mark.parametrize("path", ["/add_data", "/evaluate"])
@pytest.mark.parametrize(("members", "where", "words"), [
    ([("images/a.mp4", clip())], "images/a.mp4", "has no mask"),
    ([("images/a.mp4", clip()), ("masks/a_000008.png", GREY_MASK)], "masks/a_000008.png", "8 frames are 0 to 7"),
    ([("images/a.mp4", clip()), ("masks/a_1.png", GREY_MASK), ("masks/a/000001.png", GREY_MASK)], None, "same frame"),
    ([("images/a.mp4", clip()), ("masks/a_1.png", png(np.zeros((40, 56), np.uint8)))], "masks/a_1.png", "56 x 40"),
    ([("images/a.mp4", clip()), ("masks/a_1.png", b"text")], "masks/a_1.png", "is no picture"),
    ([("images/a.mp4", clip()), ("masks/a.mp4", clip())], "masks/a.mp4", "is a video"),
    ([("images/a.mp4", clip()), ("masks/a_1.png", GREY_MASK), ("masks/b_1.png", GREY_MASK)], "masks/b_1.png",
     "without a picture"),
    ([("images/a.mp4", clip()), ("images/a.png", GREY_MASK), ("masks/a_1.png", GREY_MASK)], None, "same name"),
    ([("images/a.mp4", clip()[:900]), ("masks/a_7.png", GREY_MASK)], "images/a.mp4", "is cut"),
], ids=["no mask", "beyond", "twice", "size", "text", "video as mask", "alone", "two names", "cut"])
def test_labelled_videos_that_are_refused_whole(service, path, members, where, words):
    before = service.container.feature_store().versions(service.task.name)
    members = [*members, ("images/z.png", GREY_MASK), ("masks/z.png", GREY_MASK)]
    body = check_problem(send(service, path, zipped(*members)), 400)
    assert where is None or where in [fault["where"] for fault in body["errors"]]
    assert words in " ".join(fault["problem"] for fault in body["errors"])
    assert service.container.feature_store().versions(service.task.name) == before


def sound() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as opened:
        stream = opened.add_stream("aac", rate=8_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8_000), np.float32), "fltp", "mono")
        frame.rate = 8_000
        opened.mux([*stream.encode(frame), *stream.encode()])
    return file.getvalue()


def saying_frames(number: int) -> bytes:
    """An AVI of two frames whose header says another number."""
    content = clip("avi", 2, (8, 8))
    at = content.index(b"strh") + 8 + 32
    return content[:at] + number.to_bytes(4, "little") + content[at + 4:]


def saying_size(width: int, height: int) -> bytes:
    """An AVI of Motion JPEG whose headers, and those of its pictures, say another size."""
    content = bytearray(written(CODEC, VideoContainer.AVI, list(grey_frames(2, 16, 16)), exact=False))
    at = content.index(b"strf") + 8 + 4
    content[at:at + 8] = width.to_bytes(4, "little") + height.to_bytes(4, "little")
    at = -1
    while (at := content.find(b"\xff\xc0\0\x11", at + 1)) >= 0:
        content[at + 5:at + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(content)


def cuts() -> list[tuple[str, bytes]]:
    whole = {kind: clip(kind) for kind in KINDS}
    return [(kind, whole[kind][:int(len(whole[kind]) * share)])
            for kind in KINDS for share in (0.01, 0.2, 0.5, 0.8, 0.99)]


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n".encode()
CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n"


@pytest.mark.parametrize(("name", "content", "status", "words"), [
    *((f"a.{kind}", content, 400, "a." + kind) for kind, content in cuts()),
    ("a.mp4", b"this is text", 400, "is no MP4 video"),
    ("a.webm", b"this is text", 400, "is no WebM video"),
    ("a.avi", b"", 400, "is empty"),
    ("a.mp4", sound(), 400, "has sound and no video"),
    ("a.avi", clip("mp4"), 400, "is called .avi and is MP4"),
    ("a.mp4", GREY_MASK, 400, "is no MP4 video"),
    ("a.png", clip("mp4"), 400, "is no picture"),
    ("a.mkv", clip("webm"), 400, "is no picture, and no video that is known"),
    ("a.mp4", clip("mp4", 31, (8, 8)), 413, "31 frames"),
    ("a.webm", clip("webm", 31, (8, 8)), 413, "more than the 30 frames"),
    ("a.avi", saying_frames(2**31 - 1), 413, "frames; 30 are allowed"),
    ("a.mp4", clip("mp4", 1, (100, 101)), 413, "101 x 100 pixels"),
    ("a.avi", saying_size(9_000, 9_000), 413, "9000 x 9000 pixels"),
    ("a.avi", saying_size(60_000, 60_000), 413, "pixels"),
    ("a.mp4", bytes(2 << 20), 413, "bytes"),
    ("a.mp4", PLAYLIST, 400, "is no MP4 video"),
    ("a.avi", CONCAT, 400, "is no AVI video"),
    ("a.mp4", b"\0\0\0\x18ftypmp42" + bytes(12) + PLAYLIST, 400, "a.mp4"),
    ("a.webm", b"\x1a\x45\xdf\xa3" + PLAYLIST, 400, "a.webm"),
])
def test_videos_that_are_refused(service, name, content, status, words):
    body = check_problem(send(service, "/forward_batch", zipped(("z.png", GREY_MASK), (name, content))), status)
    assert words in body["detail"]
    if status == 400:
        assert [fault["where"] for fault in body["errors"]] == [name]


def test_a_header_that_lies_about_the_size_is_found_out(service):
    body = check_problem(send(service, "/forward_batch", zipped(("a.mp4", lying()))), 413)
    assert "pixels" in body["detail"]


def lying() -> bytes:
    """An MP4 whose header says 8 x 8, with frames of 120 x 120."""
    content = bytearray(clip(size=(120, 120)))
    at = content.index(b"vp09", content.index(b"stsd")) + 4 + 24
    content[at:at + 4] = (8).to_bytes(2, "big") * 2
    return bytes(content)


@pytest.mark.parametrize("path", ["/add_data", "/evaluate", "/forward_batch", "/datasets/nuclei/check"])
def test_the_faults_of_videos_and_pictures_are_told_together(service, path):
    """The first video is cut in the middle of a frame: some of its frames are fit."""
    cut, black = bytearray(clip("avi")), png(np.zeros((41, 57), np.uint8))
    last = cut.rindex(b"IDAT")
    cut[last:last + 4] = bytes(4)
    content = zipped(("images/a.avi", bytes(cut)), ("images/b.png", b"text"), ("images/c.webm", b"text"),
                     ("images/d.mp4", clip()), ("masks/a_7.png", black), ("masks/b.png", black),
                     ("masks/c_1.png", black), ("masks/d_9.png", black))
    before = service.container.feature_store().versions(service.task.name)
    body = check_problem(send(service, path, content), 400)
    last = [] if path == "/forward_batch" else ["masks/d_9.png"]
    assert [fault["where"] for fault in body["errors"]] == ["images/a.avi", "images/b.png", "images/c.webm", *last]
    assert service.container.feature_store().versions(service.task.name) == before


@pytest.mark.parametrize("value", ["picture", "1"])
def test_an_x_video_that_cannot_be(service, value):
    body = check_problem(send(service, "/forward_batch", zipped(("a.mp4", clip())), **{"X-Video": value}), 400)
    assert body["errors"] == [{"where": "X-Video", "problem": "is video or frames"}]


def test_a_video_is_nothing_for_a_table(service):
    for content in (zipped(("a.mp4", clip())), clip()):
        files = {"file": ("a.zip", content)}
        check_problem(service.client.put("/add_data?task=rows", files=files), 400)
        check_problem(service.client.post("/datasets/rows/check", files=files), 400)


@pytest.mark.parametrize(("name", "words"), [
    ("a.mp4", "videos go to /forward_batch, in a zip"), ("a.AVI", "videos go to /forward_batch, in a zip"),
    ("a.zip", "whole files go to /forward_batch"), ("a", "is no picture in one of the formats")])
def test_what_is_no_picture_is_shown_the_way(service, name, words):
    body = check_problem(service.client.post("/forward", files={"image": (name, clip())}), 400)
    assert [fault["where"] for fault in body["errors"]] == [name]
    assert words in body["errors"][0]["problem"]


@pytest.mark.parametrize(("kind", "words"), [
    ("video/mp4", "videos go to /forward_batch, in a zip"), ("application/zip", "whole files go to /forward_batch"),
    ("text/csv", "whole files go to /forward_batch"), ("image/png", "the field image of multipart/form-data")])
def test_a_raw_body_that_is_no_row_is_shown_the_way(service, kind, words):
    body = check_problem(service.client.post("/forward", content=b"x", headers={"Content-Type": kind}), 400)
    assert kind in body["detail"] and words in body["detail"]


def test_a_picture_may_be_called_like_a_video(service):
    files = {"image": ("a.mp4", png(next(grey_frames(1, 9, 9))))}
    assert service.client.post("/forward", files=files).status_code == 200


def test_without_the_extra_a_video_is_refused_and_pictures_are_not(service, monkeypatch, tmp_path):
    for module in ("adapters.pyav.video_codec", "adapters.pyav.reading", "adapters.pyav.pixels",
                   "adapters.pyav.writing"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "av", None)
    with service.container.video_codec.override(make_container(Settings(home=tmp_path)).video_codec()):
        body = check_problem(send(service, "/forward_batch", zipped(("a.mp4", clip()))), 400)
        assert "progon[video]" in body["errors"][0]["problem"] and body["errors"][0]["where"] == "a.mp4"
        assert send(service, "/forward_batch", zipped(("a.png", GREY_MASK))).status_code == 200


def test_a_video_is_read_as_pillow_reads_its_frames(service):
    """Two ways to the same grey: a frame saved as a picture and a frame of the video."""
    pixels = next(grey_frames(1, 20, 30))
    frame, = frames_of(written(CODEC, VideoContainer.AVI, [pixels]), "avi")
    np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(png(frame)))), pixels[:, :, 0])
