"""All faults, by what they strike."""
from __future__ import annotations

from tests.faults.fault import FAULTS
from tests.faults.faults import environment, processes, stores

__all__ = ["FAULTS", "environment", "processes", "stores"]
