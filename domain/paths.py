"""Names of artifacts: plain relative paths that cannot lead anywhere else."""
from __future__ import annotations

import re

_PART = re.compile(r"[^\x00-\x1f/\\:*?\"<>|\ud800-\udfff]{1,200}")


def is_safe(path: str) -> bool:
    """Relative, with / between parts, none of them empty, "." or "..", and with no character that a file system or an
    object store reads as something else."""
    parts = path.split("/")
    return len(path) <= 800 and all(_PART.fullmatch(part) and part not in (".", "..") for part in parts)
