"""The commands that take pictures, on a home with a real small model."""
from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image

from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.pyav.video_codec import PyavVideoCodec
from application.ports.video_codec import VideoContainer
from application.use_cases.train_model import TrainModel
from domain.deployment import Deployment
from domain.provenance import model_path, stamp
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.builders import succeeded
from tests.commands import BOTH, Progon, progon_on
from tests.fakes.clock import START
from tests.pictures import IMAGE, MASK, make_picture_parts, make_picture_task, make_pictures
from tests.videos import grey_frames, written

TASK = make_picture_task()
SEEN = make_pictures(TASK, 1, seed=7)
CODEC = PyavVideoCodec()


@pytest.fixture(scope="module", params=BOTH)
def progon(request, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    container = make_container(Settings(home=home, commit_hash="abc"))
    container.storage().migrate()
    container.task_catalog().add(TASK)
    training = TrainModel(CatboostPixelTrainer(1), OnnxModelLoader(1)).execute(
        TASK, make_picture_parts(TASK), tmp_path_factory.mktemp("events"), lambda *_: None)
    experiment = container.experiment_log().add(succeeded(TASK))
    stamped = OnnxModelLoader().stamp(training.model, stamp(experiment, experiment.metrics, START))
    container.artifact_store().put(model_path(experiment.id), io.BytesIO(stamped))
    container.deployment_log().append(TASK.name, lambda _: Deployment(TASK.name, experiment.id, None, 1, START))
    container.storage().close()
    Image.fromarray(SEEN[IMAGE][0][:, :, 0]).save(home / "picture.png")
    with progon_on(home, request.param) as progon:
        yield progon


@pytest.fixture
def home(progon) -> Path:
    return progon.home


def forward(progon: Progon, *arguments: object, code: int = 0) -> Result:
    return progon("forward", TASK.name, *arguments, code=code)


def seen(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.array(picture)


def test_a_picture_is_answered_by_a_file(progon, home):
    said = json.loads(forward(progon, home / "picture.png", "-o", home / "mask.png", "--json").stdout)
    mask = seen(home / "mask.png")
    assert (mask == SEEN[MASK][0] * 255).mean() > 0.95
    assert said["output"] == str(home / "mask.png") and said["experiment_id"] == 1
    assert said["summary"]["cell"] == pytest.approx((mask > 0).mean(), abs=1e-5)
    words = forward(progon, home / "picture.png", "-o", home / "overlay.png", "--form", "overlay").stdout
    assert "overlay.png" in words and "cell: " in words
    assert seen(home / "overlay.png").shape == (40, 56, 3)


def test_what_cannot_be_answered_leaves_no_file(progon, home):
    (home / "text.png").write_text("text")
    assert "is no picture" in forward(progon, home / "text.png", "-o", home / "none.png", code=1).stderr
    assert not (home / "none.png").exists()
    assert "say -o FILE.png" in forward(progon, home / "picture.png", code=1).stderr


def test_an_evaluation_may_leave_its_answers(progon, home):
    with zipfile.ZipFile(home / "labelled.zip", "w") as archive:
        archive.write(home / "picture.png", "images/a.png")
        mask = io.BytesIO()
        Image.fromarray(SEEN[MASK][0] * 255).save(mask, "PNG")
        archive.writestr("masks/a.png", mask.getvalue())
    said = progon.told("evaluate", TASK.name, home / "labelled.zip", "-o", home / "judged.zip")
    assert (said["count"], said["output"]) == (1, str(home / "judged.zip")) and said["metrics"]["iou"] > 0.8
    progon("forward-batch", TASK.name, home / "labelled.zip", "-o", home / "answered.zip")
    with zipfile.ZipFile(home / "judged.zip") as judged, zipfile.ZipFile(home / "answered.zip") as answered:
        assert judged.namelist() == answered.namelist() != []
        assert all(judged.read(name) == answered.read(name) for name in answered.namelist())
    words = progon("evaluate", TASK.name, home / "labelled.zip", "-o", home / "why.zip", "--explain", code=1).stderr
    assert "heatmap" in words and not (home / "why.zip").exists()


def test_a_threshold_takes_more_pixels_in(progon, home):
    shares = [json.loads(forward(progon, home / "picture.png", "-o", home / "mask.png", "--threshold", text,
                                 "--json").stdout)["summary"]["cell"] for text in ("0", "0.5", "1")]
    assert shares[0] == 1 > shares[1] >= shares[2]
    for text in ("2", "-1", "nan", "half"):
        assert "--threshold" in forward(progon, home / "picture.png", "--threshold", text, code=2).stderr


def frames_of(content: bytes, kind: VideoContainer) -> list[np.ndarray]:
    return [frame.pixels[:, :, 0] for frame in CODEC.read(content, kind).frames]


@pytest.mark.parametrize("kind", list(VideoContainer))
def test_a_video_is_answered_by_a_video(progon, home, kind):
    (home / f"clip.{kind}").write_bytes(written(CODEC, kind, list(grey_frames(4, 40, 56))))
    out = home / f"out.{kind}"
    said = json.loads(forward(progon, home / f"clip.{kind}", "-o", out, "--json").stdout)
    masks = frames_of(out.read_bytes(), kind)
    assert (said["frames"], said["width"], said["height"], said["output"]) == (4, 56, 40, str(out))
    assert said["summary"]["cell"] == pytest.approx(np.mean([mask > 0 for mask in masks]), abs=1e-5)
    for mask, frame in zip(masks, frames_of((home / f"clip.{kind}").read_bytes(), kind), strict=True):
        Image.fromarray(frame).save(home / "frame.png")
        forward(progon, home / "frame.png", "-o", home / "mask.png")
        np.testing.assert_array_equal(mask, seen(home / "mask.png"))


def test_a_video_that_cannot_be_answered_leaves_no_file(progon, home):
    content = written(CODEC, VideoContainer.MP4, list(grey_frames(4, 40, 56)))
    (home / "cut.mp4").write_bytes(content[:-40])
    assert "cut.mp4: is cut" in forward(progon, home / "cut.mp4", "-o", home / "none.mp4", code=1).stderr
    assert not (home / "none.mp4").exists()
    (home / "whole.mp4").write_bytes(content)
    for arguments in ([], ["-o", home / "none.png"], ["-o", home / "none.avi"]):
        assert "say -o FILE.mp4" in forward(progon, home / "whole.mp4", *arguments, code=1).stderr


def forward_batch(progon: Progon, *arguments: object, code: int = 0) -> Result:
    return progon("forward-batch", TASK.name, *arguments, code=code)


def zipped(home: Path, name: str, **more: bytes) -> Path:
    """Twice the picture that all know, and what else is given."""
    with zipfile.ZipFile(home / name, "w") as archive:
        for member in ("b.png", "deeper/a.png"):
            archive.write(home / "picture.png", member)
        for member, content in more.items():
            archive.writestr(f"{member}.png", content)
    return home / name


def test_a_zip_is_answered_by_a_zip(progon, home):
    out = home / "out.zip"
    said = json.loads(forward_batch(progon, zipped(home, "in.zip"), "-o", out, "--json").stdout)
    assert bool(progon.url) == bool(said.pop("request_id", ""))
    assert said == {"task": TASK.name, "experiment_id": 1, "count": 2, "output": str(out)}
    forward(progon, home / "picture.png", "-o", home / "mask.png")
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["b.png", "deeper/a.png", "summary.csv"]
        for name in archive.namelist()[:2]:
            assert archive.read(name) == (home / "mask.png").read_bytes()
        rows = list(csv.DictReader(io.StringIO(archive.read("summary.csv").decode())))
    assert [row["name"] for row in rows] == ["b.png", "deeper/a.png"]
    assert float(rows[0]["cell"]) == pytest.approx((seen(home / "mask.png") > 0).mean(), abs=1e-5)


def test_a_zip_is_answered_in_another_form(progon, home):
    words = forward_batch(progon, zipped(home, "in.zip"), "-o", home / "out.zip", "--form", "overlay").stdout
    assert "2 pictures" in words and "out.zip" in words
    with zipfile.ZipFile(home / "out.zip") as archive:
        (home / "one.png").write_bytes(archive.read("b.png"))
    assert seen(home / "one.png").shape == (40, 56, 3)


def test_videos_in_a_zip_are_answered_by_videos_or_by_their_frames(progon, home):
    clip = written(CODEC, VideoContainer.WEBM, list(grey_frames(3, 40, 56)))
    names = [f"c.webm/00000{number}.png" for number in range(3)]
    with zipfile.ZipFile(zipped(home, "films.zip"), "a") as archive:
        archive.writestr("c.webm", clip)
    out = home / "answers.zip"
    assert json.loads(forward_batch(progon, home / "films.zip", "-o", out, "--json").stdout)["count"] == 3
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["b.png", "c.webm", "deeper/a.png", "summary.csv"]
        masks = frames_of(archive.read("c.webm"), VideoContainer.WEBM)
    assert json.loads(forward_batch(progon, home / "films.zip", "-o", out, "--frames", "--json").stdout)["count"] == 5
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["b.png", *names, "deeper/a.png", "summary.csv"]
        for name, mask in zip(names, masks, strict=True):
            np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(archive.read(name)))), mask)
        rows = list(csv.DictReader(io.StringIO(archive.read("summary.csv").decode())))
    assert [(row["name"], row["media_type"]) for row in rows[1:4]] == [(name, "image/png") for name in names]


def test_the_faults_of_a_zip_are_listed(progon, home):
    file = zipped(home, "faulty.zip", y=b"text", z=b"text")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("c.mp4", b"text")
    lines = forward_batch(progon, file, "-o", home / "none.zip", code=1).stderr
    for name in ("c.mp4", "y.png", "z.png"):
        assert f"error: {name}: is no" in lines
    assert not (home / "none.zip").exists()


@pytest.mark.parametrize(("more", "words"), [({"z": b"text"}, "z.png"), (None, "zip")], ids=["picture", "no zip"])
def test_a_zip_with_a_fault_leaves_the_old_file(progon, home, more, words):
    (home / "kept.zip").write_text("as it was")
    file = zipped(home, "faulty.zip", **more) if more else home / "picture.png"
    assert words in forward_batch(progon, file, "-o", home / "kept.zip", code=1).stderr
    assert (home / "kept.zip").read_text() == "as it was"
    assert not [path for path in home.iterdir() if path.name.startswith(".kept.zip")]


def test_stored_pictures_are_listed_and_fetched(progon, home):
    Image.fromarray(np.where(SEEN[MASK][0], 255, 0).astype(np.uint8)).save(home / "mask.png")
    with zipfile.ZipFile(home / "labelled.zip", "w") as archive:
        archive.write(home / "picture.png", "images/a.png")
        archive.write(home / "mask.png", "masks/a.png")
    progon("add-data", TASK.name, home / "labelled.zip")
    one = progon.told("dataset", "pictures", TASK.name, "--limit", 1)["pictures"][0]
    assert one["picture"] in progon("dataset", "pictures", TASK.name).stdout
    for digest, sent, divisor in ((one["picture"], "picture.png", 1), (one["mask"], "mask.png", 255)):
        progon("dataset", "picture", TASK.name, digest, "-o", home / "fetched.png")
        with Image.open(home / "fetched.png") as fetched, Image.open(home / sent) as original:
            assert (np.asarray(fetched) == np.asarray(original) // divisor).all()
    drawn = progon.told("dataset", "picture", TASK.name, one["mask"], "-o", home / "small.png", "--draw", "mask",
                        "--max-px", 16)
    with Image.open(drawn["output"]) as small:
        assert 8 <= max(small.size) <= 16 and small.mode == "RGB"


@pytest.mark.parametrize(("digest", "code"), [("0" * 64, 1), ("../../x", 2), ("0", 2)])
def test_a_picture_that_there_is_not(progon, home, digest, code):
    progon("dataset", "picture", TASK.name, digest, "-o", home / "nothing.png", code=code)
    assert not (home / "nothing.png").exists()
