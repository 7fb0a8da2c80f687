"""Candidates beside what serves, and how they are doing."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from application.queries.how_rollouts_go import RolloutState, Seen
from domain.deployment import Deployment
from domain.rollout import Rollout, RolloutRole
from entrypoints.answers.answer import Answer, Moment, says
from entrypoints.answers.estimates import EstimateAnswer
from entrypoints.answers.experiments import DifferenceAnswer

As = Annotated[RolloutRole, says("shadow: asked in silence; canary: answers a share of the requests")]
Share = Annotated[float, says("Of the requests that the candidate is asked")]
By = Annotated[str | None, says("The column whose value decides who is answered by the candidate; null where each "
                                "request is for itself")]
Threshold = Annotated[float | None, says("Above which the probability of the positive label makes it the answer; null "
                                         "where the model decides")]


class CandidateAnswer(Answer, rename={"as_": "as"}):
    """What is tried beside what serves."""

    experiment_id: int
    as_: As
    share: Share
    by: By
    threshold: Threshold
    since: Annotated[Moment, says("When the rollout began")]

    @classmethod
    def of(cls, rollout: Rollout) -> CandidateAnswer:
        return cls(rollout.experiment_id, rollout.role, rollout.share, rollout.by, rollout.threshold, rollout.since)


class RolloutAnswer(Answer, rename={"as_": "as"}):
    """A candidate beside what serves its task."""

    task: str
    experiment_id: Annotated[int, says("The candidate")]
    as_: As
    share: Share
    by: By
    threshold: Threshold
    generation: Annotated[int, says("Counts the deployments of the task, from 1")]
    serving_experiment_id: Annotated[int, says("What serves")]
    since: Annotated[Moment, says("When the rollout began")]
    deployed_by: Annotated[str | None, says("Whose key or account it was, where that is known")]

    @classmethod
    def of(cls, deployment: Deployment) -> RolloutAnswer:
        """deployment: with a rollout."""
        rollout = deployment.rollout
        assert rollout is not None
        return cls(deployment.task, rollout.experiment_id, rollout.role, rollout.share, rollout.by, rollout.threshold,
                   deployment.generation, deployment.experiment_id, rollout.since, deployment.deployed_by)


class SeenAnswer(Answer):
    """What one of two models has answered since the rollout began."""

    rows: Annotated[int, says("All of them")]
    labelled: Annotated[int, says("The newest of those whose label is known, which give the quality; beside a shadow "
                                  "those that both have answered")]
    quality: Mapping[str, EstimateAnswer]

    @classmethod
    def of(cls, seen: Seen) -> SeenAnswer:
        return cls(seen.rows, seen.n_labelled, {name: EstimateAnswer.of(one) for name, one in seen.quality.items()})


class RolloutStateAnswer(Answer):
    """A rollout, and what its candidate and what serves have answered since it began."""

    rollout: RolloutAnswer
    candidate: SeenAnswer
    serving: SeenAnswer
    pairs: Annotated[int, says("Of a shadow: the newest rows that both have answered")]
    same: Annotated[float | None, says("Share of them with the same label; null without any, and of numbers")]
    apart: Annotated[float | None, says("Mean distance of the numbers that the two answered, in the unit of the "
                                        "target; null of labels")]
    differences: Annotated[Mapping[str, DifferenceAnswer], says(
        "Of a shadow: by metric, candidate minus what serves, on the rows of both whose label is known")]

    @classmethod
    def of(cls, state: RolloutState) -> RolloutStateAnswer:
        return cls(RolloutAnswer.of(state.deployment), SeenAnswer.of(state.candidate), SeenAnswer.of(state.serving),
                   state.n_pairs, state.same, state.apart,
                   {name: DifferenceAnswer.of(shown) for name, shown in state.differences.items()})


class RolloutsAnswer(Answer):
    """The rollouts that go on."""

    rollouts: Sequence[RolloutStateAnswer]

    @classmethod
    def of(cls, states: Iterable[RolloutState]) -> RolloutsAnswer:
        return cls([RolloutStateAnswer.of(state) for state in states])
