"""The distribution: its own, small, typed, and apart from the service."""
from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from importlib.metadata import version
from pathlib import Path

import pytest
from progon_client.exchange import VERSION

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "clients" / "python"
LINT = "from importlinter.cli import lint_imports_command as main; main()"
MISUSED = """
from progon_client import Client
with Client() as client:
    client.forward(3)
    client.retrain("t", parameters={})
    client.forward({}).prediction_of
    client.experiments(status="done")
"""


@pytest.fixture
def tree(tmp_path) -> Path:
    """A copy, free to be broken and to be built in."""
    return Path(shutil.copytree(FOLDER, tmp_path / "python", ignore=shutil.ignore_patterns("__pycache__", "build")))


@pytest.fixture
def wheel(tree, tmp_path) -> zipfile.ZipFile:
    """Built without a network."""
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation",
                    "--disable-pip-version-check", "-w", tmp_path, tree], check=True)
    return zipfile.ZipFile(next(tmp_path.glob("*.whl")))


def test_the_wheel(wheel):
    names = wheel.namelist()
    sources = {path.relative_to(FOLDER).as_posix() for path in (FOLDER / "progon_client").rglob("*.py")}
    assert {name for name in names if ".dist-info" not in name} == sources | {"progon_client/py.typed"}
    metadata = Parser().parsestr(wheel.read(next(name for name in names if name.endswith("METADATA"))).decode())
    needed = [line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line]
    assert (metadata["Name"], metadata["Version"], needed) == ("progon-client", VERSION, ["httpx>=0.28"])
    assert metadata["Requires-Python"] == ">=3.11" and "```python" in metadata.get_payload()


def test_it_is_of_the_version_of_the_service():
    assert version("progon") == VERSION


def lint(tree: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-c", LINT, "--no-cache"], cwd=tree, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_its_import_contracts_are_kept():
    code, output = lint(FOLDER)
    assert code == 0, output


@pytest.mark.parametrize(("file", "text", "contract"), [
    ("calls/planted.py", "from domain.errors import Fault", "the client imports nothing of the service"),
    ("planted.py", "def late():\n    import entrypoints", "the client imports nothing of the service"),
    ("retries.py", "import pandas", "httpx alone is needed"),
    ("call.py", "from progon_client.calls import tasks", "both clients"),
    ("async_client.py", "from progon_client.client import Client", "both clients")])
def test_a_planted_import_turns_its_contract_red(tree, file, text, contract):
    (tree / "progon_client" / file).write_text(text)
    code, output = lint(tree)
    assert code == 1
    assert f"{contract}" in output and "1 broken" in output


def test_it_needs_httpx_alone():
    """Asks the interpreter what is loaded of what is no part of Python or of httpx."""
    script = ("import sys, httpx\nbefore = {name.partition('.')[0] for name in sys.modules}\nimport progon_client\n"
              "after = {name.partition('.')[0] for name in sys.modules}\n"
              "print(*sorted(after - before - set(sys.stdlib_module_names)))")
    done = subprocess.run([sys.executable, "-c", script], cwd=FOLDER, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["progon_client"]


@pytest.mark.slow
def test_misuse_is_seen_by_mypy(tmp_path):
    """`make lint` reads tests/client/usage.py, which is right; this one is wrong in each line."""
    (tmp_path / "misused.py").write_text(MISUSED)
    options = ["--strict", "--config-file", "", "--cache-dir", tmp_path / "cache", "--ignore-missing-imports",
               "--follow-imports", "silent"]
    done = subprocess.run([sys.executable, "-m", "mypy", *options, tmp_path / "misused.py"],
                          env={"MYPYPATH": str(FOLDER), "PATH": ""}, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    wrong = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    assert wrong == {4, 5, 6, 7}, done.stdout
