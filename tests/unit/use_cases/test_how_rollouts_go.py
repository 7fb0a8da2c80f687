"""What is told of a shadow and of what serves beside it."""
from __future__ import annotations

from dataclasses import replace

import pytest

from application.ports.prediction_spool import SpooledRows
from application.ports.prediction_store import Wanted
from application.queries.how_rollouts_go import HowRolloutsGo
from application.queries.model_cards import ModelCards
from application.queries.seen_rows import judged
from domain.kinds.kind import Problem
from domain.rollout import RolloutRole
from tests.builders import make_answered, make_task
from tests.fakes.answers_beside import InMemoryAnswersBeside
from tests.fakes.late_labels import InMemoryLateLabels
from tests.fakes.prediction_store import InMemoryPredictionStore
from tests.unit.serving import Service


class Beside(Service):
    """Experiment 1 serves, 2 is asked beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = InMemoryPredictionStore(InMemoryLateLabels())
        self.deploy(self.train())

    def keep(self, name: str, labels: list[str], predictions: list[int], experiment_id: int, shadow: bool = False
             ) -> None:
        self.answers.add([SpooledRows(f"{name}-{experiment_id}", make_answered(
            len(labels), name, experiment_id=experiment_id, shadow=shadow, predictions=predictions, labels=labels,
            scores=[0.9] * len(labels), created_at=self.clock.now()))])

    def look(self):
        state, = HowRolloutsGo(
            self.deployments, self.tasks, self.answers, InMemoryAnswersBeside(self.answers),
            ModelCards(self.artifacts, self.loader)).execute()
        return state


def test_both_are_judged_by_the_rows_that_both_have_answered():
    world = Beside()
    world.roll_out(world.train(), RolloutRole.SHADOW, 0.5)
    world.keep("both", ["1", "0", "1", "0"], [1, 0, 1, 0], 1)
    world.keep("both", ["1", "0", "1", "0"], [1, 0, 0, 0], 2, shadow=True)
    world.keep("alone", ["1", "0", "1", "0"], [0, 1, 0, 1], 1)
    state = world.look()
    assert (state.serving.rows, state.candidate.rows, state.n_pairs, state.same) == (8, 4, 4, 0.75)
    assert (state.serving.n_labelled, state.candidate.n_labelled) == (4, 4)
    serving, candidate = (seen.quality["accuracy"].value for seen in (state.serving, state.candidate))
    assert (serving, candidate) == (1.0, 0.75)
    assert state.differences["accuracy"].value == pytest.approx(candidate - serving)


def test_beside_one_that_knows_more_labels_another_gives_these_no_share():
    task, store = make_task(Problem.MULTICLASS), InMemoryPredictionStore(InMemoryLateLabels())
    more = replace(task, labels=(*task.labels, "new"))
    store.add([SpooledRows("a", make_answered(
        3, predictions=list(task.labels), labels=[*map(str, task.labels[:2]), "new"],
        probabilities=[[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]))])
    rows = store.newest(Wanted(task.name), 10)
    assert judged(task, rows).metrics()["accuracy"] == 1
    assert judged(task, rows, more).metrics()["accuracy"] == pytest.approx(2 / 3)
