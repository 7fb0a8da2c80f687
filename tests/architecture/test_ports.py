"""Each port has a working fake and one contract suite, and the suite runs over all that implements it: every adapter,
and what in the application stands before one."""
from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import adapters
import application
import application.ports

ROOT = Path(__file__).parents[2]
# Made by another port of their file and judged in its suite; nothing offers one by itself.
MADE_BY_A_PORT = {"TableSink": "TableFiles.create", "TrainedModel": "Trainer.fit", "BackupWriter": "BackupFile.create"}


def modules(package) -> list:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    # The environment of migrations is run by Alembic, not imported.
    return [importlib.import_module(module.name) for module in found if ".migrations" not in module.name]


def classes(module) -> list[type]:
    return [item for item in vars(module).values() if inspect.isclass(item) and item.__module__ == module.__name__]


PORTS = [port for module in modules(application.ports) for port in classes(module)
         if getattr(port, "_is_protocol", False) and getattr(port, "__abstractmethods__", None)]
IMPLEMENTED = [(port, item) for package in (adapters, application) for module in modules(package)
               for item in classes(module) for port in PORTS
               if port in item.__mro__[1:] and port.__name__ not in MADE_BY_A_PORT]
ADAPTED = [(port, item) for port, item in IMPLEMENTED if item.__module__.startswith("adapters.")]


def file_of(port: type) -> str:
    return port.__module__.rpartition(".")[2]


def words_of(path: Path) -> set[str]:
    """The names that a suite uses, imports alone not counted."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.id if isinstance(node, ast.Name) else node.attr for node in ast.walk(tree)
            if isinstance(node, (ast.Name, ast.Attribute))}


def fakes_of(port: type) -> list[type]:
    module = importlib.import_module(f"tests.fakes.{file_of(port)}")
    return [item for item in classes(module) if port in item.__mro__]


def test_ports_and_what_implements_them_are_found():
    assert len(PORTS) > 10
    assert len(ADAPTED) > 10
    assert ("FeatureStore", "StoredPictures") in [(port.__name__, item.__name__) for port, item in IMPLEMENTED]


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_a_port_has_a_contract_in_words(port):
    assert all(inspect.getdoc(getattr(port, name)) for name in port.__abstractmethods__)
    public = [name for name, item in vars(port).items() if not name.startswith("_") and inspect.isfunction(item)]
    assert set(public) <= set(port.__abstractmethods__), "a forgotten method would return None"
    assert 1 <= len(port.__abstractmethods__) <= 5


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_a_port_has_a_fake_that_can_be_made(port):
    assert (ROOT / "tests" / "fakes" / f"{file_of(port)}.py").is_file()
    fakes = fakes_of(port)
    assert fakes
    assert [fake for fake in fakes if getattr(fake, "__abstractmethods__", None)] == []


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_a_port_has_a_contract_suite_that_runs_over_its_fake(port):
    suite = ROOT / "tests" / "contracts" / f"test_{file_of(port)}.py"
    assert suite.is_file()
    if port.__name__ not in MADE_BY_A_PORT:
        assert words_of(suite) & {fake.__name__ for fake in fakes_of(port)}


@pytest.mark.parametrize(("port", "item"), IMPLEMENTED, ids=lambda item: item.__name__)
def test_what_implements_a_port_is_in_its_suite_and_forgets_no_method(port, item):
    assert item.__name__ in words_of(ROOT / "tests" / "contracts" / f"test_{file_of(port)}.py")
    assert not getattr(item, "__abstractmethods__", None)


@pytest.mark.parametrize(("port", "item"), IMPLEMENTED, ids=lambda item: item.__name__)
def test_what_implements_a_port_offers_no_more_than_it(port, item):
    """Whoever holds it knows the port alone. What a library asks of its own base class is not for callers."""
    inherited = {name for base in item.__mro__[1:] for name in vars(base)}
    assert [name for name in vars(item) if not name.startswith("_") and name not in inherited] == []


@pytest.mark.parametrize(("port", "adapter"), ADAPTED, ids=lambda item: item.__name__)
def test_an_adapter_lies_in_a_file_named_like_its_port(port, adapter):
    assert adapter.__module__.rpartition(".")[2] == file_of(port)
    assert adapter.__name__.endswith(port.__name__)


def test_what_is_exempt_is_there():
    assert set(MADE_BY_A_PORT) <= {port.__name__ for port in PORTS}
