"""A span of `progon monitor` in one line."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.live_history import Last
from entrypoints.answers.live_history import LiveHistoryAnswer, LiveSpanAnswer
from entrypoints.commands.monitor import in_words

BEGAN = datetime(2026, 11, 23, tzinfo=UTC)
LABELS = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}
DRIFT = {"age": 0.1, "job": 0.02, "bmi": 0.3, "sex": 0.2}


def test_the_largest_of_labels_and_columns_stand_in_the_line():
    span = LiveSpanAnswer(
        since=BEGAN, until=BEGAN + timedelta(hours=1), requests=3, refused=0, failed=0, answers=10, looked_at=10,
        experiment_id=1, latency_median_s=0.002, latency_p95_s=0.004, labels=LABELS, number_p10=None,
        number_median=None, number_p90=None, drift=DRIFT, labelled=0, quality={})
    said = in_words(LiveHistoryAnswer("small", Last.DAY, 3600, [span], []))
    assert "d 40%, c 30%, b 20%" in said and "a 10%" not in said
    assert "bmi 0.30, sex 0.20, age 0.10" in said and "job" not in said
