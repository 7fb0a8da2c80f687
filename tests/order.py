"""Which files of tests begin first: those that take longest, so that none of them runs alone at the end."""
from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
# Files and folders; what is named earlier begins earlier, what is not named comes last.
SLOWEST = (
    "tests/e2e/test_kill.py", "tests/e2e/test_demo.py", "tests/docs/test_tutorials.py",
    "tests/e2e/test_prediction_log.py", "tests/e2e/test_pages.py", "tests/e2e/test_repro.py", "tests/hostile",
    "tests/faults", "tests/e2e", "tests/contracts/test_trainer.py", "tests/pipelines", "tests/contracts")


def rank(file: Path) -> int:
    """The smaller, the earlier."""
    return next((number for number, name in enumerate(SLOWEST) if file.is_relative_to(ROOT / name)), len(SLOWEST))
