"""A small disk in memory. It can be filled, and files on it made read-only for a service that runs as root too."""
from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DISK_BYTES = 512 << 20
_ROOM_BYTES = 1 << 20


class SmallDisk:
    """Mounted on `folder` in a namespace that a process of ours keeps, whatever is killed in it.

    command: what stands before a program that is to see it. Root loses its privilege over files there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        script = f'mount -t tmpfs -o size={DISK_BYTES} tmpfs "{folder}" && echo there && exec cat'
        self._keeper = subprocess.Popen(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._keeper.stdout.readline() == b"there\n"

    @property
    def command(self) -> list[str]:
        return ["nsenter", "--target", str(self._keeper.pid), "--user", "--mount", "--preserve-credentials",
                "setpriv", "--bounding-set", "-dac_override,-dac_read_search"]

    @property
    def seen_from_outside(self) -> Path:
        return Path(f"/proc/{self._keeper.pid}/root{self.folder}")

    @contextmanager
    def filled(self) -> Iterator[None]:
        """To the last byte, also what others give back meanwhile at its beginning."""
        ballast = self.seen_from_outside / "ballast"
        with ballast.open("wb", buffering=0) as file:
            _fill(file.fileno())
            try:
                yield
            finally:
                ballast.unlink()

    def close(self) -> None:
        self._keeper.stdin.close()
        self._keeper.wait(10)
        self._keeper.stdout.close()


def _fill(file: int) -> None:
    disk = os.fstatvfs(file)
    free = disk.f_bavail * disk.f_frsize - _ROOM_BYTES
    with suppress(OSError):
        os.posix_fallocate(file, 0, max(free, 1))
    os.lseek(file, 0, os.SEEK_END)
    with suppress(OSError):
        while os.write(file, bytes(1 << 12)):
            pass


def can_mount() -> bool:
    """Whether this user may make a namespace and mount in it."""
    if not all(map(shutil.which, ("unshare", "nsenter", "setpriv"))):
        return False
    tried = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(tried, capture_output=True).returncode == 0
