"""A client of Progon: `Client` waits for its answers, `AsyncClient` has them awaited; both can do the same."""
from __future__ import annotations

from progon_client.answers.events import LogLine, Loss, Progress, Reading
from progon_client.answers.experiments import Experiment
from progon_client.async_client import AsyncClient
from progon_client.client import Client
from progon_client.downloads import Download
from progon_client.errors import (
    BadRequest,
    Busy,
    Conflict,
    Fault,
    Forbidden,
    ModelFailed,
    NoRoom,
    NotFound,
    NotSucceeded,
    ProgonError,
    Refused,
    ServerFailed,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    UnexpectedAnswer,
    Unreachable,
)
from progon_client.events import Event
from progon_client.retries import Retries

__all__ = [
    "AsyncClient", "BadRequest", "Busy", "Client", "Conflict", "Download", "Event", "Experiment", "Fault", "Forbidden",
    "LogLine", "Loss", "ModelFailed", "NoRoom", "NotFound", "NotSucceeded", "ProgonError", "Progress", "Reading",
    "Refused", "Retries", "ServerFailed", "TooLarge", "TooManyRequests", "Unauthorized", "UnexpectedAnswer",
    "Unreachable",
]
