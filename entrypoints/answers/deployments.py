"""Which experiment serves, now and before."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from domain.deployment import Deployment
from entrypoints.answers.answer import Answer, Moment, says
from entrypoints.answers.rollouts import CandidateAnswer, Threshold


class DeploymentAnswer(Answer):
    """One deployment."""

    task: str
    experiment_id: int
    previous_experiment_id: Annotated[int | None, says("What served before; null for the first")]
    generation: Annotated[int, says("Counts the deployments of the task, from 1")]
    created_at: Moment
    reason: Annotated[str, says("deploy, rollback or taken back; of a rollout shadow, canary, promote or abort")]
    deployed_by: Annotated[str | None, says("Whose key or account it was, where that is known")]
    threshold: Threshold
    rollout: Annotated[CandidateAnswer | None, says("The candidate beside what serves; null without one")]

    @classmethod
    def of(cls, deployment: Deployment) -> DeploymentAnswer:
        return cls(
            task=deployment.task, experiment_id=deployment.experiment_id,
            previous_experiment_id=deployment.previous_experiment_id, generation=deployment.generation,
            created_at=deployment.created_at, reason=deployment.reason, deployed_by=deployment.deployed_by,
            threshold=deployment.threshold,
            rollout=None if deployment.rollout is None else CandidateAnswer.of(deployment.rollout))


class DeploymentsAnswer(Answer):
    """Deployments, the newest first."""

    deployments: Sequence[DeploymentAnswer]

    @classmethod
    def of(cls, deployments: Iterable[Deployment]) -> DeploymentsAnswer:
        return cls([DeploymentAnswer.of(deployment) for deployment in deployments])
