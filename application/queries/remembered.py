"""What was worked out once and never changes, the last few of it."""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """The `limit` values that were asked for last. Those who ask for one that is being made wait for it. Thread-safe:
    yes."""

    def __init__(self, limit: int) -> None:
        self._limit, self._lock = limit, Lock()
        self._known: OrderedDict[Key, Value] = OrderedDict()
        self._making: dict[Key, Lock] = {}

    def get(self, key: Key) -> Value | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def put(self, key: Key, value: Value) -> Value:
        with self._lock:
            self._known[key] = value
            self._known.move_to_end(key)
            while len(self._known) > self._limit:
                self._known.popitem(last=False)
        return value

    def of(self, key: Key, make: Callable[[], Value]) -> Value:
        """What is known, else what `make` gives. Raises: what it does, and then nothing is kept."""
        if (known := self.get(key)) is not None:
            return known
        with self._lock:
            making = self._making.setdefault(key, Lock())
        with making:
            try:
                known = self.get(key)
                return self.put(key, make()) if known is None else known
            finally:
                with self._lock:
                    self._making.pop(key, None)
