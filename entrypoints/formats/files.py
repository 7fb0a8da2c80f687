"""Files that are written by a command."""
from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from domain.errors import InvalidInput

# Beside the rows that were given away: which they are.
EXPORT = "export.json"


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the name only at the end of the block, unless the name is one of a pipe or a device, or `-`,
    which is standard output.

    Raises: InvalidInput if it cannot be written there.
    """
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    in_place = path.exists() and not path.is_file()
    unfinished = path if in_place else path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            yield file
        if not in_place:
            unfinished.replace(path)
    except OSError as failure:
        raise InvalidInput(f"{path} cannot be written: {failure.strerror}") from failure
    finally:
        if not in_place:
            unfinished.unlink(missing_ok=True)
