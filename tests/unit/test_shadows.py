"""What is asked of a shadow, and what is kept of its answers."""
from __future__ import annotations

from dataclasses import replace
from threading import Event, Thread

import numpy as np
import pytest

from application.decorators.threshold import at_threshold
from application.ports.serving_models import Candidate, ServedModel
from application.serving.current_request import CurrentRequest
from application.serving.shadows import AskedRows, Shadowed, Shadows
from application.use_cases.ask_shadows import AskShadows
from domain.errors import InvalidInput
from domain.kinds.kind import Problem
from domain.rollout import Rollout, RolloutRole
from domain.rows import CoercedRows, JsonRow
from domain.table import Table
from tests.builders import CARRIER, ROW, TEMP, make_table
from tests.fakes.clock import START
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.shadow_meter import InMemoryShadowMeter
from tests.unit.test_observed import World, rows_of
from tests.waiting import until


class Beside(World):
    """Experiment 5 serves, 6 is its shadow, whose numbers count the other way round."""

    def __init__(self, problem: Problem = Problem.BINARY, share: float = 1.0, log_share: float = 1.0,
                 most_bytes: int = 1 << 20) -> None:
        super().__init__(problem, log_share)
        self.meter = InMemoryShadowMeter()
        self.shadows = self.answering._shadows = Shadows(self.meter, most_bytes)
        classes = max(len(self.task.labels), 1)
        self.other = LinearModelLoader().load(linear_model(self.task, {TEMP: [0.0] * (classes - 1) + [-0.03]}))
        served = self.models.current("flights")
        self.models.put(replace(served, candidate=Candidate(
            Rollout(6, RolloutRole.SHADOW, share, START), ServedModel(self.task, 6, 2, self.other))))
        self.ask_shadows = AskShadows(self.shadows, self.log, self.meter, self.clock, self.timer)

    @property
    def given(self):
        return [rows for rows in self.log.kept if not rows.shadow]

    @property
    def shadowed(self):
        return [rows for rows in self.log.kept if rows.shadow]


def test_the_answer_is_that_of_what_serves_and_that_of_the_shadow_is_kept(asked):
    world = Beside()
    asked("/forward")
    part = world.forward(ROW)
    assert part.answers.shares.tolist() == world.runner.predict(part.table).shares.tolist()
    assert world.shadowed == []
    world.ask_shadows.execute()
    kept, = world.shadowed
    said = world.other.predict(part.table)
    assert (kept.request_id, kept.route, kept.task, kept.experiment_id, list(kept.row_nos)) == (
        "0190-abc", "/forward", "flights", 6, [1])
    assert (kept.predictions, kept.inputs, kept.labels) == (said.values.tolist(), {}, None)
    assert kept.scores == pytest.approx(said.scores)
    assert world.meter.rows == {("flights", "answered"): 1}
    assert {experiment for _, experiment, _ in world.telemetry.predictions} == {5}, "nobody was given its answers"


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
def test_the_rows_of_a_file_that_are_kept_are_asked_of_it_under_their_numbers(asked, problem):
    world = Beside(problem, log_share=0.3)
    asked("/forward_batch")
    list(world.forward_batch(rows_of(world.task, 1_000)))
    for _ in range(10):
        world.ask_shadows.execute()
    rows = [number for kept in world.given for number in kept.row_nos]
    assert [number for kept in world.shadowed for number in kept.row_nos] == rows and 200 < len(rows) < 400
    table = make_table(world.task, 1_000).take(np.array(rows) - 1)
    scores = [score for kept in world.shadowed for score in kept.scores]
    assert scores == pytest.approx(world.other.predict(table).scores.tolist())
    if problem is Problem.MULTICLASS:
        assert all(len(shares) == 3 for kept in world.shadowed for shares in kept.probabilities)


def test_rows_that_were_answered_together_are_asked_together(asked):
    world = Beside(share=0.5)
    requests = [CurrentRequest(f"id-{number}", "/forward") for number in range(20)]
    cells = [{name: column[0] for name, column in make_table(world.task, 1, seed).columns.items()
              if name in {feature.name for feature in world.task.schema.features}} for seed in range(20)]
    world.answering.gathered("flights", requests, cells)
    world.ask_shadows.execute()
    rollout = world.models.current("flights").candidate.rollout
    taken = [request.id for request in requests if rollout.takes(request.id)]
    assert [rows.request_id for rows in world.shadowed] == taken and 2 < len(taken) < 18
    for rows in world.shadowed:
        row = CoercedRows(make_table(world.task, 1, int(rows.request_id[3:])))
        said = world.other.predict(row.coerce(world.task.schema.features))
        assert list(rows.scores) == pytest.approx(said.scores.tolist())


def test_nothing_is_asked_of_it_that_came_with_labels_or_of_no_request(asked):
    world = Beside()
    world.forward(ROW)
    asked("/evaluate")
    world.evaluate(rows_of(world.task, 50)).metrics()
    assert world.shadows.next() is None


def test_what_finds_no_room_is_left_out_and_counted(asked):
    world = Beside(most_bytes=10_000)
    asked("/forward")
    for _ in range(20):
        world.forward(ROW)
    left_out = world.meter.rows["flights", "left out"]
    assert 0 < left_out < 20
    for _ in range(20 - left_out):
        world.ask_shadows.execute()
    assert world.meter.rows["flights", "answered"] == 20 - left_out
    world.forward(ROW)
    world.ask_shadows.execute()
    assert world.meter.rows["flights", "answered"] == 21 - left_out, "there is room again"


def test_a_file_that_fails_is_not_asked_of_it(asked):
    world = Beside(most_bytes=100_000)
    asked("/forward_batch")

    def parts():
        yield from rows_of(world.task, 1_000)
        raise InvalidInput("row 1001 is none")

    for _ in range(50):  # what it took up is free again
        with pytest.raises(InvalidInput):
            list(world.forward_batch(parts()))
    assert world.shadows.next() is None and world.meter.rows == {}
    answers = world.forward_batch(rows_of(world.task, 1_000))
    next(answers)
    answers.close()  # whoever asked has gone away
    assert world.shadows.next() is None
    list(world.forward_batch(rows_of(world.task, 1_000)))
    world.ask_shadows.execute()
    assert sum(len(rows.row_nos) for rows in world.shadowed) > 0


def test_one_that_fails_is_told_and_counted_and_the_next_is_asked(asked):
    world = Beside()
    asked("/forward")
    world.forward(ROW)
    world.forward(ROW | {CARRIER: "DL"})
    predict, calls = world.other.predict, []

    def fail_once(table):
        calls.append(table)
        if len(calls) == 1:
            raise RuntimeError("out of memory")
        return predict(table)

    world.other.predict = fail_once
    with pytest.raises(RuntimeError):
        world.ask_shadows.execute()
    world.ask_shadows.execute()
    assert world.meter.rows == {("flights", "failed"): 1, ("flights", "answered"): 1}


def test_it_decides_by_its_own_threshold(asked):
    world = Beside()
    served = world.models.current("flights")
    other = replace(served.candidate.model, runner=at_threshold(world.other, 0.01))
    world.models.put(replace(served, candidate=replace(served.candidate, model=other)))
    asked("/forward")
    part, = world.answering.execute("flights", JsonRow(ROW)).parts
    world.ask_shadows.execute()
    kept, = world.shadowed
    positive = float(world.other.predict(part.table).shares[0, 1])
    assert positive < 0.5 and kept.predictions == [world.task.labels[1]] and kept.scores == pytest.approx([positive])


@pytest.mark.parametrize("before", [True, False], ids=["before it waits", "while it waits"])
def test_whoever_waits_for_rows_is_woken_once(monkeypatch, before):
    monkeypatch.setattr("application.serving.shadows._PATIENCE_S", 60.0)
    world, ended = Beside(), Event()
    if before:
        world.ask_shadows.wake()
    waiting = Thread(target=lambda: (world.ask_shadows.execute(), ended.set()), daemon=True)
    waiting.start()
    if not before:
        until(lambda: world.shadows._came._waiters)
        world.ask_shadows.wake()
    assert ended.wait(30)
    monkeypatch.setattr("application.serving.shadows._PATIENCE_S", 0.001)
    assert world.shadows.next() is None


def test_numbers_that_wait_keep_nothing_of_the_body_that_they_came_in():
    world = Beside()
    body = np.frombuffer(bytes(4_000), np.float32)
    rows = Table({TEMP: body[:10], CARRIER: np.array(["UA"] * 10, object)})
    candidate = world.models.current("flights").candidate
    world.shadows.hand_over(Shadowed(candidate, [AskedRows("a", "/forward", range(1, 11))], rows))
    waiting = world.shadows.next()
    assert waiting.table[TEMP].base is None and waiting.table[TEMP].tolist() == [0.0] * 10
    assert waiting.table[CARRIER] is rows[CARRIER] and waiting.requests[0].request_id == "a"
