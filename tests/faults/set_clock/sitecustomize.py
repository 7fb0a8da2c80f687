"""What Python runs at the start of each process of a service under test: its clock is as far from the true one as a
file says, whenever the file says something else. What counts seconds goes on as it does."""
from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

_EVERY_S = 0.05


def _said_by(file: Path) -> timedelta:
    return timedelta(seconds=int(file.read_text(encoding="ascii")))


def _follow(file: Path, clock: time_machine.Traveller, offset: timedelta) -> None:
    never = threading.Event()
    while not never.wait(_EVERY_S):
        if (said := _said_by(file)) != offset:
            clock.shift(said - offset)
            offset = said


def _begin(file: Path) -> None:
    offset = _said_by(file)
    clock = time_machine.travel(datetime.now(UTC) + offset, tick=True).start()
    threading.Thread(target=_follow, args=(file, clock, offset), name="set clock", daemon=True).start()


_begin(Path(os.environ["FAULTS_CLOCK"]))
