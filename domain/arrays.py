"""Names for arrays in annotations; docstrings give dtypes and shapes where they are part of a contract."""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
