"""Knowing that this process is about to end: an answer that would go on for hours has to end too."""
from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Draining:
    """begun: whether the process was told to end."""

    def __init__(self) -> None:
        self.begun = False

    @contextmanager
    def watching_signals(self) -> Iterator[None]:
        """Listens in front of the server's own handlers, which stay in force. Elsewhere than in the main thread, where
        no server with handlers runs, it listens to nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {int(number): signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

        def begin(number: int, frame: FrameType | None) -> None:
            self.begun = True
            if callable(handler := before[number]):
                handler(number, frame)

        for number in before:
            signal.signal(number, begin)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
