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
    do, and Python would wait for them. What was acknowledged is on the disk by then."""
    try:
        yield
    except SystemExit as end:
        if not end.code:
            _end_if_threads_work()
        raise
    _end_if_threads_work()


def _end_if_threads_work() -> None:
    main = threading.main_thread()
    if threading.current_thread() is not main or not any(
            thread for thread in threading.enumerate() if thread is not main and not thread.daemon):
        return
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
