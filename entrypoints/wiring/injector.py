"""dependency_injector as the wiring uses it: containers and their providers, with no framework behind them.

It looks for FastAPI, Starlette, Werkzeug and pydantic-settings, for features that are not used here, and imports what
is installed: half a second of every process and every command. So they count as not installed while it is imported,
which comes before any other thread.
"""
from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_UNUSED = ("fast_depends", "fastapi", "pydantic_settings", "starlette", "werkzeug")


@contextmanager
def _taken_for_absent(*names: str) -> Iterator[None]:
    """None in `sys.modules` makes an import fail, by the language's reference; what is imported already stays."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


with _taken_for_absent(*_UNUSED):
    from dependency_injector import containers, providers
    from dependency_injector.providers import Factory, ThreadSafeSingleton

__all__ = ("Factory", "ThreadSafeSingleton", "containers", "providers")
