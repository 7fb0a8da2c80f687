"""All attacks, by what they come with."""
from __future__ import annotations

from tests.hostile.attack import ATTACKS
from tests.hostile.attacks import connections, documents, files

__all__ = ["ATTACKS", "connections", "documents", "files"]
