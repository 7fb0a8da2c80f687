"""Processes that must not outlive the one that started them."""
from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(pid: int) -> None:
    """pid: of the parent. When the thread that started this process ends, however it does, this one is killed
    (prctl(2), Linux); if that happened already, it ends here."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != pid:
        raise SystemExit(f"the parent {pid} is gone")
