"""What a rollback goes back to."""
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import deployment as deployments
from domain.deployment import ROLLBACK, TAKEN_BACK, Deployment
from domain.rollout import Rollout, RolloutRole
from tests.fakes.clock import START


def before_current(history: list[Deployment]) -> int | None:
    """The experiment."""
    found = deployments.before_current(history)
    return None if found is None else found.experiment_id


def history_of(*events: tuple[int, str]) -> list[Deployment]:
    """(experiment, reason), oldest first."""
    made: list[Deployment] = []
    for experiment_id, reason in events:
        before = made[-1].experiment_id if made else None
        made.append(Deployment("flights", experiment_id, before, len(made) + 1, START, reason))
    return made[::-1]


def deployed(*ids: int) -> list[tuple[int, str]]:
    return [(number, "deploy") for number in ids]


def test_nothing_was_before():
    assert before_current([]) is None
    assert before_current(history_of(*deployed(1))) is None
    assert before_current(history_of(*deployed(1, 1, 1))) is None


def test_the_one_before():
    assert before_current(history_of(*deployed(1, 2, 3))) == 2
    assert before_current(history_of(*deployed(1, 2, 2))) == 1
    assert before_current(history_of(*deployed(1, 2, 1))) == 2


def test_back_twice_goes_back_two_steps():
    once = [*deployed(1, 2, 3), (2, ROLLBACK)]
    assert before_current(history_of(*once)) == 1
    assert before_current(history_of(*once, (1, ROLLBACK))) is None


def test_forth_again_after_going_back():
    assert before_current(history_of(*deployed(1, 2), (1, ROLLBACK), *deployed(3))) == 1


def test_what_was_taken_back_was_never_there():
    assert before_current(history_of(*deployed(1, 2, 3), (2, TAKEN_BACK))) == 1
    assert before_current(history_of(*deployed(1, 2, 2), (2, TAKEN_BACK))) == 1
    assert before_current(history_of(*deployed(1, 2, 3), (2, ROLLBACK), (3, TAKEN_BACK))) == 2


def test_a_history_that_begins_in_the_middle():
    assert before_current(history_of((1, ROLLBACK))) is None
    assert before_current(history_of((1, TAKEN_BACK))) is None
    assert before_current(history_of((1, ROLLBACK), *deployed(2))) == 1
    assert before_current(history_of(*deployed(2), (1, ROLLBACK))) is None


def test_the_same_model_with_another_threshold_is_a_step():
    first = Deployment("flights", 1, None, 1, START, threshold=0.3)
    second = Deployment("flights", 1, 1, 2, START, threshold=0.7)
    assert deployments.before_current([second, first]) == first
    third = Deployment("flights", 1, 1, 3, START, ROLLBACK, threshold=0.3)
    assert deployments.before_current([third, second, first]) is None


def test_a_candidate_that_came_and_went_is_no_step():
    rollout = Rollout(9, RolloutRole.CANARY, 0.5, START)
    made = [Deployment("flights", 2, 1, 4, START, "abort"),
            Deployment("flights", 2, 2, 3, START, "canary", rollout=rollout),
            Deployment("flights", 2, 1, 2, START), Deployment("flights", 1, None, 1, START)]
    assert before_current(made) == 1
    assert before_current([Deployment("flights", 9, 2, 5, START, "promote"), *made]) == 2


class UndoStack:
    """The simple model: a list of what served; a failed step is done and undone at once."""

    def __init__(self) -> None:
        self.served: list[int] = []
        self.events: list[tuple[int, str]] = []

    def deploy(self, experiment_id: int) -> None:
        self.events.append((experiment_id, "deploy"))
        if self.served[-1:] != [experiment_id]:
            self.served.append(experiment_id)

    def roll_back(self) -> None:
        if len(self.served) > 1:
            self.served.pop()
            self.events.append((self.served[-1], ROLLBACK))

    def fail(self, step) -> None:
        if self.served:
            kept, count = list(self.served), len(self.events)
            step()
            self.served = kept
            if len(self.events) > count:
                self.events.append((kept[-1], TAKEN_BACK))


STEPS = st.lists(st.tuples(st.sampled_from(["deploy", "roll back"]), st.integers(1, 4), st.booleans()), max_size=30)


@given(STEPS)
def test_it_is_an_undo_stack(steps):
    model = UndoStack()
    for name, experiment_id, fails in steps:
        def step() -> None:
            model.deploy(experiment_id) if name == "deploy" else model.roll_back()
        model.fail(step) if fails else step()
        expected = model.served[-2] if len(model.served) > 1 else None
        history = history_of(*model.events)
        assert before_current(history) == expected
        assert [item.experiment_id for item in history[:1]] == model.served[-1:]


@pytest.mark.parametrize(("events", "generation"), [
    (deployed(1), 1), ([*deployed(1), (1, "shadow"), (1, "abort"), (1, "canary")], 1),
    ([*deployed(1, 2), (2, "shadow"), (3, "promote")], 4), ([*deployed(1, 2), (1, ROLLBACK), (1, "shadow")], 3),
    ([*deployed(1), (1, "canary"), (1, TAKEN_BACK)], 1), (deployed(1, 1), 2), ([*deployed(1, 2), (1, TAKEN_BACK)], 3)])
def test_what_brought_the_model_into_service(events, generation):
    assert deployments.begun_with(history_of(*events)).generation == generation


def test_another_threshold_serves_since_it_was_set():
    first, second = history_of(*deployed(1), (1, "deploy"))[::-1]
    aborted = replace(second, generation=3, threshold=0.3, reason="abort")
    assert deployments.begun_with([aborted, replace(second, threshold=0.3), first]).generation == 2
