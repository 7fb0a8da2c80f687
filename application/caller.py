"""Who asks for what is being done, wherever in the process one asks."""
from __future__ import annotations

from contextvars import ContextVar

# The name of a key, or of an account of the machine; None where nobody had to say who he is.
current_caller: ContextVar[str | None] = ContextVar("current_caller", default=None)
