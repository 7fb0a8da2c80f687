"""A clock that can be set, of the service alone."""
from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).parent / "set_clock"


class SettableClock:
    """file: says how far it is from the true one, to every process that has `environment`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    def set(self, offset_s: int) -> None:
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(str(offset_s), encoding="ascii")
        unfinished.replace(self._file)

    @property
    def environment(self) -> Mapping[str, str]:
        paths = [str(_FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {"FAULTS_CLOCK": str(self._file), "PYTHONPATH": os.pathsep.join(paths)}
