"""What a request for an experiment says of it, made whole."""
from __future__ import annotations

from domain.errors import Fault, InvalidInput

MAX_NAME_CHARS = 200


def name_of(asked: str | None, usual: str) -> str:
    """Raises: InvalidInput."""
    name = (asked or usual).strip()
    if not 0 < len(name) <= MAX_NAME_CHARS:
        problem = f"has 1 to {MAX_NAME_CHARS} characters"
        raise InvalidInput(f"a name {problem}", [Fault("name", problem)])
    return name
