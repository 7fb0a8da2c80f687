"""progon import and progon export-data, with the real process for the trial."""
from __future__ import annotations

import csv

import numpy as np
import pytest

from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests import foreign
from tests.commands import BOTH, progon_on
from tests.http.test_picture_classes import file_of, zipped
from tests.pictures import IMAGE, make_class_task, make_classified, make_picture_task, make_pictures

TASK = foreign.make_foreign_task(jobs=False)


@pytest.fixture(scope="module", params=BOTH)
def progon(request, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    container = make_container(Settings(home=home))
    container.storage().migrate()
    container.task_catalog().add(TASK)
    container.feature_store().append(TASK, [foreign.make_foreign_rows(TASK, 240)])
    container.storage().close()
    (home / "model.onnx").write_bytes(foreign.trees_model(labels=(0, 1)))
    (home / "labels.yaml").write_text("labels: ['no', 'yes']\n")
    with progon_on(home, request.param) as progon:
        yield progon


@pytest.fixture
def home(progon):
    return progon.home


def test_the_rows_of_an_export_and_a_model_made_with_them(progon, home):
    said = progon.told("export-data", "foreign", "-o", home / "rows")
    assert said["parts"] == ["train", "valid"]
    rows = list(csv.DictReader((home / "rows" / "train.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == said["rows"]["train"] and set(rows[0]) == {foreign.AGE, foreign.PAY, foreign.LABEL}
    second = np.where([float(row[foreign.AGE]) <= 0 for row in rows], 0.25, 0.875)
    with (home / "check.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([foreign.AGE, foreign.PAY, "probability_no", "probability_yes"])
        writer.writerows([row[foreign.AGE], row[foreign.PAY], 1 - share, share]
                         for row, share in zip(rows, second, strict=True))
    done = progon.told("import", "foreign", home / "model.onnx", "--check", home / "check.csv", "--export",
                       home / "rows" / "export.json", "--name", "trees")
    assert (done["origin"], done["holdout"], done["parity"], done["name"]) == ("imported", "exported", 0.0, "trees")
    assert progon("metrics", done["experiment_id"]).exit_code == 0


def test_what_would_be_in_words(progon, home):
    said = progon("import", "foreign", home / "model.onnx", "--mapping", home / "labels.yaml", "--dry-run").stdout
    assert "nothing was kept" in said and "not compared with its maker's answers" in said
    assert f"note: the input x takes the columns in the task's order: {foreign.AGE}, {foreign.PAY}" in said
    assert "taken for no, yes" not in said


def test_a_net_of_pictures(progon, home):
    shapes = make_class_task()
    container = make_container(Settings(home=home))
    container.task_catalog().add(shapes)
    container.feature_store().append(shapes, [make_classified(shapes, 120)])
    container.storage().close()
    (home / "net.onnx").write_bytes(foreign.picture_model())
    told = progon("import", "shapes", home / "net.onnx", code=1).stderr
    assert "picture.scale: is in doubt" in told
    (home / "picture.yaml").write_text("outputs: {logits: logits}\npicture: {scale: 1/255}\n")
    progon("export-data", "shapes", "-o", home / "shapes")
    assert (home / "shapes" / "train.zip").exists() and (home / "shapes" / "valid.zip").exists()
    said = progon("import", "shapes", home / "net.onnx", "--mapping", home / "picture.yaml", "--export",
                  home / "shapes" / "export.json").stdout
    assert "note: pictures are made 8 pixels high and 10 wide" in said


def test_a_net_that_answers_by_masks_and_its_makers_own(progon, home):
    nuclei = make_picture_task()
    container = make_container(Settings(home=home))
    container.task_catalog().add(nuclei)
    container.feature_store().append(nuclei, [make_pictures(nuclei, 30)])
    container.storage().close()
    (home / "masks.onnx").write_bytes(foreign.mask_model("shares"))
    (home / "scale.yaml").write_text("picture: {scale: 1/255}\n")
    # More pictures than one step of the trial takes.
    pictures = [pixels[:, :, 0] for pixels in make_pictures(nuclei, 18, seed=5)[IMAGE]]

    def imported(above: int, code: int = 0):
        """above: of which brightness the check says that a cell begins."""
        files = [(f"{folder}/{number}.png", file_of(pixels)) for number, picture in enumerate(pictures)
                 for folder, pixels in (("images", picture), ("masks", np.uint8(255) * (picture > above)))]
        (home / "check.zip").write_bytes(zipped(*files))
        return progon("import", "nuclei", home / "masks.onnx", "--mapping", home / "scale.yaml", "--check",
                      home / "check.zip", code=code)
    assert "not compared" not in imported(127).stdout
    said = imported(204, code=1).stderr
    apart = sum(np.count_nonzero((picture > 127) & (picture <= 204)) for picture in pictures)
    assert f"on {apart:,} of {18 * 40 * 56:,} pixels in " in said and "of 18 pictures of the check" in said


def test_what_is_wrong_in_words(progon, home):
    (home / "wrong.yaml").write_text("labels: [a]\nmissing: {height: 1}\n")
    told = progon("import", "foreign", home / "model.onnx", "--mapping", home / "wrong.yaml", code=1).stderr
    assert "error: labels: " in told and "error: missing.height: there is no column height" in told
    assert "test is not given away" in progon(
        "export-data", "foreign", "--parts", "train,test", "-o", home / "no", code=1).stderr
