from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from application.decorators.audited import Audited, Told
from entrypoints.wiring.core import Core
from entrypoints.wiring.injector import ThreadSafeSingleton, providers

Made = TypeVar("Made")


def audited(use_case: ThreadSafeSingleton[Made], told: Callable[..., Told | None]) -> ThreadSafeSingleton[Made]:
    """Provides what is executed as what `use_case` provides, and leaves an entry of the history each time."""
    wrapped: ThreadSafeSingleton[Any] = ThreadSafeSingleton(
        Audited, use_case, providers.Object(told), Core.history, Core.clock)
    return cast(ThreadSafeSingleton[Made], wrapped)
