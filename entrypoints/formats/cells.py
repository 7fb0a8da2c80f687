"""Stored cells as JSON."""
from __future__ import annotations

from typing import Any

import numpy as np


def plain(value: Any) -> object:
    """No value is null, a whole number has no point; of a picture the size."""
    if isinstance(value, np.ndarray):
        return {"width": value.shape[1], "height": value.shape[0]}
    if isinstance(value, str):
        return value or None
    if value != value:
        return None
    return int(value) if value == int(value) else float(f"{value:.7g}")
