"""Nothing but the wiring asks a container for what it holds: elsewhere a getter is called, which says what comes."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from dependency_injector import providers

from entrypoints.settings import Settings
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container, make_container

ROOT = Path(__file__).parents[2]
WIRING = ROOT / "entrypoints" / "wiring"
SOURCES = [path for package in ("entrypoints", "pipelines") for path in (ROOT / package).rglob("*.py")
           if WIRING not in path.parents]


def asked(source: str) -> Iterator[str]:
    """Calls like `container.clock()`, whatever the container is called. A module may have functions of such a name."""
    nodes = list(ast.walk(ast.parse(source)))
    imported = {name.asname or name.name for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)
                for name in node.names}
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=name), args=[], keywords=[]):
                if name in Container.providers and ast.unparse(owner) not in imported:
                    yield ast.unparse(node)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_container_is_asked_outside_of_the_wiring(path):
    assert list(asked(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("source", ["container.clock().now()", "wired(request).deploy()", "self._container.settings()"])
def test_one_that_is_asked_would_be_found(source):
    assert list(asked(source))


def test_a_getter_gives_what_has_its_name():
    named = {name for module in (get, ports) for name, value in vars(module).items()
             if getattr(value, "__module__", "") == module.__name__ and name != "clear_counters"}
    assert named and named <= set(Container.providers)


def test_what_is_made_once_is_made_once_whatever_threads_ask_for_it(tmp_path):
    """Requests are answered by many threads, and the first ones may come together."""
    made = [provider for provider in make_container(Settings(home=tmp_path)).traverse()
            if isinstance(provider, providers.BaseSingleton)]
    assert len(made) > 40
    assert [provider for provider in made if not isinstance(provider, providers.ThreadSafeSingleton)] == []
