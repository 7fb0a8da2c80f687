"""The end of a process whose threads may work on."""
from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_waiting() -> Iterator[None]:
    """The process ends with the block, if it ends as it should, whatever threads work on: nobody waits for what they
    do. Python would wait for them, or abort where one that it does not wait for comes back from a library that knows
    nothing of its end. What was acknowledged is on the disk by then."""
    try:
        yield
    except SystemExit as end:
        if not end.code:
            _end_if_threads_work()
        raise
    _end_if_threads_work()


def _end_if_threads_work() -> None:
    main = threading.main_thread()
    if threading.current_thread() is not main or threading.enumerate() == [main]:
        return
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
