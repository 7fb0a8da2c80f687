"""`progon admin` in an image of its own: with the packages of requirements/pages.lock and no other."""
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Its arguments: the distributions that are there; then what `progon` is told.
ALONE = """
import sys
from importlib.metadata import packages_distributions

there, words = set(sys.argv[1].split(",")), sys.argv[2:]
owners = packages_distributions()

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        owner = {each.lower().replace("_", "-") for each in owners.get(name.partition(".")[0], ())} - {"progon"}
        if owner and not owner & there:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())

import uvicorn
from starlette.testclient import TestClient

def run(app, **how):
    with TestClient(app, base_url="http://127.0.0.1") as client:
        for path in ("/ui/static/progon.css", "/ui/", "/ui/experiments"):
            print(path, client.get(path).status_code)

uvicorn.run = run
sys.argv = ["progon", *words]
from entrypoints.cli import main
main()
"""


def distributions() -> list[str]:
    return re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / "pages.lock").read_text("utf-8"), re.MULTILINE)


def admin(there: list[str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", ALONE, ",".join([*there, "pytest"]), "admin", "--backend", "http://127.0.0.1:9"],
        cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_the_pages_start_and_answer_though_their_service_is_away():
    ended = admin(distributions())
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split("\n")[:3] == ["/ui/static/progon.css 200", "/ui/ 503", "/ui/experiments 503"]


@pytest.mark.parametrize("missing", ["jinja2", "starlette"])
def test_without_one_of_them_they_do_not(missing):
    assert admin([name for name in distributions() if name != missing]).returncode != 0
