"""What an entry of the spool is in the table."""
from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.sqlmodel.prediction_store import _rows
from application.ports.prediction_spool import SpooledRows
from tests.builders import CARRIER, make_answered


@pytest.mark.parametrize("short", [
    {"scores": [0.5]}, {"predictions": ["late"]}, {"labels": ["1"]}, {"probabilities": [[0.5, 0.5]]},
    {"inputs": {CARRIER: ["UA"]}}], ids=str)
def test_an_entry_whose_columns_are_of_other_lengths_is_not_taken_for_less(short):
    with pytest.raises(ValueError, match="zip"):
        list(_rows(SpooledRows("a", replace(make_answered(3), **short)), "now"))
