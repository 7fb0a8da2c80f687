"""Code that uses the client, as `mypy --strict` reads it; the end-to-end test runs it."""
from __future__ import annotations

from collections.abc import Iterator
from typing import assert_type

from progon_client import AsyncClient, Client, Download, Event, Experiment, Reading
from progon_client.answers.answered import PictureAnswer, RowAnswer, RowsAnswer
from progon_client.answers.experiments import Comparison, ExperimentPage
from progon_client.answers.files import Added, Checked, LabelsAdded
from progon_client.answers.live_history import LiveHistory
from progon_client.answers.serving import Deployment, ModelCard
from progon_client.answers.tasks import Task, Tasks
from progon_client.answers.trainers import Trainers
from progon_client.answers.watching import Observations, Predictions

ROW = {"petal": 4.7, "colour": "red"}
LABELLED = [{"petal": 1.0, "colour": "red", "kind": "small"}, {"petal": 6.5, "colour": "blue", "kind": "large"}]


def look(client: Client, task: str, experiment_id: int) -> list[int]:
    """Returns: the experiments of the first page."""
    assert_type(client.tasks(), Tasks)
    assert_type(client.task(task), Task)
    assert_type(client.trainers(), Trainers)
    assert_type(client.metadata(task), ModelCard)
    assert_type(client.observations(task), Observations)
    assert_type(client.how_it_went(task, last="7d"), LiveHistory)
    assert_type(client.predictions(task, limit=3), Predictions)
    assert_type(client.compare(experiment_id), Comparison)
    assert_type(client.dataset_rows(task, form="csv"), Download)
    assert_type(client.metrics(experiment_id).metrics["test"], dict[str, float | None])
    page = assert_type(client.experiments(task, status="succeeded"), ExperimentPage)
    return [found.experiment_id for found in page.experiments]


def ask(client: Client, task: str) -> RowsAnswer:
    answer = assert_type(client.forward(ROW, task=task), RowAnswer)
    truth = [{"request_id": answer.request_id, "label": answer.prediction}]
    assert_type(client.add_labels(truth, task=task), LabelsAdded)
    assert_type(client.check(LABELLED, task), Checked)
    return assert_type(client.evaluate(LABELLED, task=task), RowsAnswer)


def learn(client: Client, task: str) -> Experiment:
    assert_type(client.add_data(LABELLED, task=task), Added)
    queued = assert_type(client.retrain(task, dataset_version=1, name="from a client"), Experiment)
    return assert_type(client.wait(queued.experiment_id, timeout_s=600), Experiment)


def follow(client: Client, experiment_id: int) -> list[Event]:
    events = assert_type(client.events(experiment_id), Iterator[Event])
    return list(events)


def add_and_watch(client: Client, task: str) -> list[Reading | Added]:
    return list(assert_type(client.add_data_events(LABELLED, task=task), Iterator[Reading | Added]))


def see(client: Client, picture: bytes) -> bytes:
    answer = assert_type(client.forward_picture(picture, output=["mask", "overlay"], threshold=0.4), PictureAnswer)
    return assert_type(answer.picture("overlay"), bytes)


async def ask_later(client: AsyncClient, task: str) -> RowsAnswer:
    assert_type(await client.tasks(), Tasks)
    assert_type(await client.forward(ROW, task=task), RowAnswer)
    return assert_type(await client.forward_batch([ROW, ROW], task=task), RowsAnswer)


async def follow_later(client: AsyncClient, experiment_id: int) -> list[Event]:
    found = assert_type(await client.wait(experiment_id), Experiment)
    return [event async for event in client.events(found.experiment_id)]


async def add_and_watch_later(client: AsyncClient, task: str) -> list[Reading | Added]:
    return [event async for event in client.add_data_events(LABELLED, task=task)]


async def redeploy(client: AsyncClient, task: str) -> Deployment:
    newest = (await client.experiments(task, limit=1)).experiments[0]
    await client.deploy(newest.experiment_id)
    return assert_type(await client.rollback(task), Deployment)
