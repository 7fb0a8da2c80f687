"""Disks in memory, with room or without."""
from __future__ import annotations

from application.ports.disk import Disk, DiskFull


class InMemoryDisk(Disk):
    def __init__(self) -> None:
        self.full = False

    def check(self) -> None:
        if self.full:
            raise DiskFull("nothing can be written to the disk of PROGON_HOME: No space left on device")
