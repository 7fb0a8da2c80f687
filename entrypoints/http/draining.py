"""Knowing that this process is about to end: an answer that would go on for hours has to end too."""
from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType


class Draining:
    """patience_s: how long what is under way may go on once the process was told to end. Thread-safe: yes."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._until: float | None = None

    @property
    def begun(self) -> bool:
        """Whether the process was told to end."""
        return self._until is not None

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be worked on."""
        return self._until is not None and monotonic() >= self._until

    @property
    def left_s(self) -> float:
        """Until it is over, if it begins now or has begun."""
        return self._patience_s if self._until is None else max(0.0, self._until - monotonic())

    def begin(self) -> None:
        """Also when it has begun: it does not become longer."""
        if self._until is None:
            self._until = monotonic() + self._patience_s

    @contextmanager
    def watching_signals(self) -> Iterator[None]:
        """Listens in front of the server's own handlers, which stay in force. Elsewhere than in the main thread, where
        no server with handlers runs, it listens to nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {int(number): signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

        def begin(number: int, frame: FrameType | None) -> None:
            self.begin()
            if callable(handler := before[number]):
                handler(number, frame)

        for number in before:
            signal.signal(number, begin)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
