"""The tutorials and the how-tos, command by command, with what they show."""
from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.walk import Reader, Step, missing, steps
from tests.e2e.server import Server

DOCS = Path(__file__).parents[2] / "docs"
pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")),
                                                  reason="left out: there is no bash or no curl on this machine")]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Somebody who has followed the first tutorial to its end."""
    folder = tmp_path_factory.mktemp("penguins")
    for file in (DOCS / "tutorial").glob("*.csv"):
        shutil.copy(file, folder)
    with Server(folder / "var") as server:
        reader = Reader(folder, server)
        reader.follow(DOCS / "tutorial" / "table.md")
        yield reader


def test_from_a_csv_to_a_watched_model(table):
    assert (table.folder / "answers.csv").read_text().count("\n") == 121


@pytest.mark.parametrize("page", ["late-labels", "thresholds", "rollouts", "import", "backups", "keys"])
def test_how_tos_go_on_from_there(table, page):
    table.follow(DOCS / f"{page}.md")


def test_from_a_folder_of_pictures_to_a_watched_model(tmp_path):
    with Server(tmp_path / "var") as server:
        Reader(tmp_path, server).follow(DOCS / "tutorial" / "pictures.md")
    assert (tmp_path / "where.png").read_bytes().startswith(b"\x89PNG")


def test_what_a_page_shows_has_to_come_out(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A\n```bash\necho 12 rows\n```\nso\n```text\n7 rows\n```\n```bash\ntrue\n```\n")
    assert list(steps(page)) == [Step("echo 12 rows\n", ["7 rows"]), Step("true\n")]
    assert missing(["7 rows", "id ... 0.5", "7 columns"], "12  rows\nid of 3.25e-05") == ["7 columns"]
