"""Of a shape that a page takes as it comes."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
