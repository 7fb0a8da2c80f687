"""Disks in memory, with room or without."""
from __future__ import annotations

from collections.abc import Sequence

from application.ports.disk import Disk, DiskFull, DiskState


class InMemoryDisk(Disk):
    def __init__(self) -> None:
        self.full, self.free_bytes = False, 1 << 40

    def check(self) -> None:
        for state in self.look():
            if state.failure:
                raise DiskFull(state.failure)

    def look(self) -> Sequence[DiskState]:
        failure = "nothing can be written to the disk of PROGON_HOME: No space left on device" if self.full else ""
        return [DiskState("PROGON_HOME", self.free_bytes, failure)]
