"""The import contracts of setup.cfg hold, and each turns red when it is broken."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "application", "adapters", "entrypoints", "pipelines", "progon")
# contract -> files to plant, each with its text
VIOLATIONS = {
    "direction": [
        {"domain/planted.py": "import application"},
        {"application/planted.py": "import adapters"},
        {"adapters/planted.py": "import entrypoints"},
        {"entrypoints/planted.py": "import pipelines"},
        {"pipelines/planted.py": "import progon"},
        {"domain/planted.py": "def late():\n    from entrypoints import planted"},
    ],
    "adapters": [
        {"adapters/one/__init__.py": "", "adapters/two/__init__.py": "", "adapters/two/a.py": "import adapters.one"},
    ],
    "wiring": [
        {"adapters/one/__init__.py": "", "entrypoints/http/planted.py": "import adapters.one"},
        {"adapters/one/__init__.py": "", "entrypoints/admin/__init__.py": "import adapters.one"},
        {"adapters/one/__init__.py": "", "pipelines/planted.py": "from adapters import one"},
        {"adapters/one/__init__.py": "", "entrypoints/container.py": "import adapters.one"},
    ],
    "frameworks": [
        {"domain/planted.py": "import onnxruntime"},
        {"application/planted.py": "from fastapi import FastAPI"},
    ],
    "io": [
        {"domain/planted.py": "import os"},
        {"application/planted.py": "from logging import getLogger"},
    ],
    "pages": [
        {"entrypoints/admin/planted.py": "from application import ports"},
        {"entrypoints/admin/routes/planted.py": "def late():\n    import onnxruntime"},
        {"entrypoints/admin/planted.py": "from entrypoints.http.routes import tasks"},
        {"entrypoints/admin/planted.py": "from entrypoints.wiring import core"},
    ],
    "injector": [
        {"entrypoints/wiring/planted.py": "from dependency_injector import providers"},
        {"entrypoints/wiring/planted.py": "def late():\n    from dependency_injector.providers import Factory"},
    ],
    "stages": [
        {"pipelines/planted.py": "from entrypoints.wiring import container"},
        {"entrypoints/wiring/stages/planted.py": "from entrypoints.wiring import core",
         "pipelines/planted.py": "def late():\n    from entrypoints.wiring.stages import planted"},
        {"pipelines/planted.py": "from entrypoints.http import slots"},
    ],
    "oidc": [
        {"entrypoints/http/planted.py": "from authlib.oidc.core import CodeIDToken"},
        {"adapters/one/__init__.py": "", "adapters/one/a.py": "def late():\n    import joserfc"},
    ],
    "training": [
        {"entrypoints/http/planted.py": "import catboost"},
        {"adapters/one/__init__.py": "from sklearn import metrics"},
        {"entrypoints/cli_planted.py": "def late():\n    import dvc.repo"},
        {"entrypoints/http/planted.py": "def late():\n    import av"},
    ],
    "grpc": [
        {"entrypoints/http/planted.py": "def late():\n    import grpc"},
        {"adapters/one/__init__.py": "from grpc_health.v1 import health"},
    ],
}
ALLOWED = {
    "adapters/one/__init__.py": "",
    "adapters/catboost/planted.py": "import catboost",
    "adapters/dvc/planted.py": "from dvc import repo",
    "adapters/pyav/planted.py": "import av",
    "entrypoints/wiring/planted.py": "import adapters.one\nimport adapters.catboost",
    "entrypoints/http/planted.py": "from entrypoints.wiring import container",
    "entrypoints/grpc/planted.py": "import grpc\nfrom google.protobuf import message",
    "domain/planted.py": "import math\nimport numpy",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The project's own sources, free to be broken."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=lambda folder, names: [
            name for name in names if not (name.endswith(".py") or Path(folder, name).is_dir()) or name == "__pycache__"
        ])
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    return tmp_path


def plant(tree: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")


def lint(tree: Path, *contracts: str) -> tuple[int, str]:
    options = [word for contract in contracts for word in ("--contract", contract)]
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-cache",
         *options],
        cwd=tree, capture_output=True, text=True, env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
    )
    return done.returncode, done.stdout + done.stderr


def contracts() -> dict[str, str]:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    prefix = "importlinter:contract:"
    return {name.removeprefix(prefix): config[name]["name"] for name in config.sections() if name.startswith(prefix)}


def test_contracts_are_kept():
    code, output = lint(ROOT)
    assert code == 0, output


def test_every_contract_has_a_violation_to_try():
    assert set(VIOLATIONS) == set(contracts())


@pytest.mark.parametrize(
    ("contract", "files"),
    [pytest.param(name, case, id=f"{name}-{n}") for name, cases in VIOLATIONS.items() for n, case in enumerate(cases)],
)
def test_a_planted_violation_turns_its_contract_red(tree, contract, files):
    plant(tree, files)
    code, output = lint(tree, contract)
    assert code == 1
    assert f"{contracts()[contract]} BROKEN" in output
    assert "Contracts: 0 kept, 1 broken." in output


def test_what_is_allowed_stays_green(tree):
    plant(tree, ALLOWED)
    code, output = lint(tree)
    assert code == 0, output


@pytest.mark.parametrize("package", ["domain", "application"])
def test_the_core_knows_numpy_alone(package):
    """Lists of forbidden names go stale; this one does not."""
    graph = grimp.build_graph(package, include_external_packages=True, cache_dir=None)
    outside = {name.partition(".")[0] for name in graph.modules} - set(PACKAGES) - sys.stdlib_module_names
    assert outside <= {"numpy"}


def test_importing_the_service_loads_no_training_library():
    """The contract reads sources; this asks the interpreter, through the container and everything it names."""
    script = (
        "import importlib, pkgutil, sys, entrypoints\n"
        "for module in pkgutil.walk_packages(entrypoints.__path__, 'entrypoints.'):\n"
        "    importlib.import_module(module.name) if not module.name.endswith('__main__') else None\n"
        "heavy = {'av', 'catboost', 'dask', 'distributed', 'dvc', 'matplotlib', 'pandas', 'scipy', 'sklearn', 'spox'}\n"
        "print(*sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
