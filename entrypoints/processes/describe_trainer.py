"""`python -m entrypoints.processes.describe_trainer NAME`: a trainer of this machine describes itself, as JSON."""
from __future__ import annotations

import os
import sys

from entrypoints.processes.describing import describe
from entrypoints.settings import Settings
from entrypoints.wiring.trainers import registry

if __name__ == "__main__":
    sys.exit(describe(sys.argv[1], registry(Settings.from_environment(os.environ))))
