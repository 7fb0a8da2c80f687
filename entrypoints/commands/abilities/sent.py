"""What a command is given to send."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sent:
    """A file, opened by who takes it. charset: what was said of it. Raises, when it is opened: InvalidInput."""

    path: Path
    charset: str | None = None
