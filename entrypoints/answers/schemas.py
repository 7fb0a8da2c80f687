"""The schemas of all answers, by name."""
from __future__ import annotations

from inspect import cleandoc
from typing import Any

import msgspec

from entrypoints.answers.answer import Answer
from entrypoints.answers.artifacts import ArtifactsAnswer
from entrypoints.answers.datasets import CheckedAnswer, ColumnsAnswer, PicturesAnswer, SampleAnswer
from entrypoints.answers.deployments import DeploymentAnswer, DeploymentsAnswer
from entrypoints.answers.experiments import ComparisonAnswer, ExperimentAnswer, ExperimentPageAnswer
from entrypoints.answers.files import ReadAnswer
from entrypoints.answers.health import HealthAnswer, ReadinessAnswer
from entrypoints.answers.models import ModelCardAnswer
from entrypoints.answers.observations import ObservationsAnswer
from entrypoints.answers.predictions import PredictionsAnswer
from entrypoints.answers.problems import ProblemAnswer
from entrypoints.answers.tasks import CreatedTaskAnswer, TaskAnswer, TaskDocument, TasksAnswer
from entrypoints.answers.traffic import TrafficAnswer
from entrypoints.answers.versions import AddedAnswer, DatasetAnswer

_REFERENCE = "#/components/schemas/{name}"
_ANSWERS = (
    AddedAnswer, ArtifactsAnswer, CheckedAnswer, ColumnsAnswer, ComparisonAnswer, CreatedTaskAnswer, DatasetAnswer,
    DeploymentAnswer, DeploymentsAnswer, ExperimentAnswer, ExperimentPageAnswer, HealthAnswer, ModelCardAnswer,
    ObservationsAnswer, PicturesAnswer, PredictionsAnswer, ProblemAnswer, ReadAnswer, ReadinessAnswer, SampleAnswer,
    TaskAnswer, TaskDocument, TasksAnswer, TrafficAnswer,
)
Schema = dict[str, Any]


def reference(answer: type[Answer]) -> Schema:
    """What stands for the schema of an answer in the document."""
    return {"$ref": _REFERENCE.format(name=answer.__name__)}


def components() -> Schema:
    """The schemas of all answers and of what they hold, by name."""
    found = msgspec.json.schema_components(_ANSWERS, ref_template=_REFERENCE)[1]
    for schema in found.values():
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
    return found
