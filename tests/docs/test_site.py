"""The documentation as a site: every page is built, reached and linked rightly, and says what the code says."""
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from domain.task_document import from_document
from entrypoints.formats.documents import parse_yaml

ROOT = Path(__file__).parents[2]
pytest.importorskip("sphinx", reason="left out: Sphinx is not installed")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--nitpicky", "--quiet", "-b", "html",
         "-d", folder / "read", ROOT / "docs", folder / "html"], capture_output=True, text=True, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    return folder / "html"


def test_a_page_that_nothing_leads_to_and_a_link_to_nowhere_would_be_a_warning(site):
    assert (site / "index.html").exists()
    assert {path.stem for path in (ROOT / "docs").glob("*.md")} == {path.stem for path in site.glob("*.html")} - {
        "genindex", "search"}


def test_the_reference_is_of_the_code(site):
    assert "PROGON_TRAINING_SLOTS" in (site / "reference" / "settings.html").read_text(encoding="utf-8")
    assert "progon task create" in (site / "reference" / "commands.html").read_text(encoding="utf-8")
    routes = (site / "reference" / "http.html").read_text(encoding="utf-8")
    assert "POST /forward_batch" in routes and "X-Threshold" in routes


def test_the_task_file_that_is_shown_is_one():
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "task-file.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    assert from_document(parse_yaml(shown)).labels == ("no", "yes")


def test_the_readme_is_short_and_leads_somewhere():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.split()) <= 500
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    assert links and [link for link in links if not (ROOT / link).exists()] == []
