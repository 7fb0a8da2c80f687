"""JSON becomes the answer that was promised, or is told as none."""
from __future__ import annotations

from datetime import UTC, datetime

import pytest
from progon_client.answers.answered import RowAnswer, RowsAnswer
from progon_client.answers.serving import Deployment
from progon_client.decoding import Misunderstood, decode

DEPLOYED = {"task": "t", "experiment_id": 3, "previous_experiment_id": None, "generation": 1,
            "created_at": "2026-01-01T03:00:00Z", "reason": "deploy", "deployed_by": None, "threshold": None,
            "rollout": None}
ROW = {"request_id": "r", "task": "t", "experiment_id": 1, "prediction": 1, "probabilities": {"0": 0, "1": 1.0}}


def test_values_have_the_types_that_are_promised():
    found = decode(Deployment, DEPLOYED | {"said by a newer service": 1})
    assert found.created_at == datetime(2026, 1, 1, 3, tzinfo=UTC) and found.experiment_id == 3


def test_labels_keep_their_type_and_shares_are_numbers():
    found = decode(RowAnswer, ROW)
    assert isinstance(found.prediction, int) and found.probabilities == {"0": 0.0, "1": 1.0}
    assert all(isinstance(value, float) for value in found.probabilities.values())
    assert [decode(RowAnswer, ROW | {"prediction": label}).prediction for label in ("a", 1.5)] == ["a", 1.5]


@pytest.mark.parametrize(("changes", "told"), [
    ({"experiment_id": "3"}, "Deployment.experiment_id: expected int"), ({"experiment_id": True}, "expected int"),
    ({"created_at": 5}, "Deployment.created_at: expected str"), ({"task": None}, "Deployment.task: expected str")])
def test_what_is_not_promised_is_told_with_its_place(changes, told):
    with pytest.raises(Misunderstood, match=told):
        decode(Deployment, DEPLOYED | changes)


def test_what_is_missing_is_told_by_name():
    with pytest.raises(Misunderstood, match="RowsAnswer has no task, experiment_id, count, predictions, probabilities"):
        decode(RowsAnswer, {})


def test_explanations_are_columns_of_a_frame():
    found = decode(RowsAnswer, {
        "task": "t", "experiment_id": 1, "count": 2, "predictions": ["a", "b"],
        "probabilities": {"a": [1, 0], "b": [0, 1]},
        "explanation": {"label": ["a", "b"], "base": [0.5, 0.25], "contributions": {"x": [0.5, 0.75]}}})
    frame = found.to_pandas()
    assert list(frame) == ["prediction", "probability_a", "probability_b", "explanation_base", "contribution_x"]
    assert (frame["explanation_base"] + frame["contribution_x"]).tolist() == [1, 1]
