"""Each port has a working fake and one contract suite, and the suite runs over every adapter."""
from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import adapters
import application.ports

ROOT = Path(__file__).parents[2]
# Made by another port of their file and judged in its suite; no adapter offers one by itself.
MADE_BY_A_PORT = {"TableSink": "TableFiles.create", "TrainedModel": "Trainer.fit"}


def modules(package) -> list:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    # The environment of migrations is run by Alembic, not imported.
    return [importlib.import_module(module.name) for module in found if ".migrations" not in module.name]


def classes(module) -> list[type]:
    return [item for item in vars(module).values() if inspect.isclass(item) and item.__module__ == module.__name__]


PORTS = [port for module in modules(application.ports) for port in classes(module)
         if getattr(port, "_is_protocol", False) and getattr(port, "__abstractmethods__", None)]
ADAPTERS = [item for module in modules(adapters) for item in classes(module)]
SERVED = [(port, adapter) for port in PORTS for adapter in ADAPTERS
          if port in adapter.__mro__ and port.__name__ not in MADE_BY_A_PORT]


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


def test_ports_and_adapters_are_found():
    assert len(PORTS) > 10
    assert len(SERVED) > 10


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


@pytest.mark.parametrize(("port", "adapter"), SERVED, ids=lambda item: item.__name__)
def test_an_adapter_is_in_the_suite_of_its_port(port, adapter):
    assert adapter.__name__ in words_of(ROOT / "tests" / "contracts" / f"test_{file_of(port)}.py")


@pytest.mark.parametrize(("port", "adapter"), SERVED, ids=lambda item: item.__name__)
def test_an_adapter_lies_in_a_file_named_like_its_port_and_forgets_no_method(port, adapter):
    assert not getattr(adapter, "__abstractmethods__", None)
    assert adapter.__module__.rpartition(".")[2] == file_of(port)
    assert adapter.__name__.endswith(port.__name__)


def test_what_is_exempt_is_there():
    assert set(MADE_BY_A_PORT) <= {port.__name__ for port in PORTS}
