"""Libraries that a process does without, though they are installed."""
from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder


class _LeftOut(MetaPathFinder):
    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname == self._name:
            raise ModuleNotFoundError(f"{fullname} is left out of this process", name=fullname)


def leave_out_pandas() -> None:
    """pyarrow imports it wherever it is installed, with the first array that it makes: 45 MB and half a second for what
    a process that answers has no use for."""
    sys.meta_path.insert(0, _LeftOut("pandas"))
