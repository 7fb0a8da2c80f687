"""Where people keep the runs of all that they train, and want to find ours among them."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.experiment import Experiment


class MirrorUnavailable(Exception):
    """It is away, or refuses everything."""


class MirrorRefused(Exception):
    """It does not take this experiment; the message says why. It may take others."""


@dataclass(frozen=True, slots=True)
class LeftFile:
    """What an experiment left. path: below the experiment, with / between parts; content: in pieces."""

    path: str
    size_bytes: int
    content: Iterator[bytes]


class ExperimentMirror(Protocol):
    """Thread-safe: no; one process of a service looks after it."""

    @abstractmethod
    def begin(self, experiment: Experiment) -> None:
        """It is there as one that runs, with its parameters; one that is there already stays as it is.

        experiment: runs. Raises: MirrorUnavailable, MirrorRefused.
        """

    @abstractmethod
    def put(self, experiment: Experiment, curve: Sequence[Mapping[str, object]], files: Iterable[LeftFile]) -> None:
        """It is there whole afterwards. One that was there whole stays as it is, and of it no file is asked for; what
        an earlier attempt left half done is done anew.

        experiment: has ended. curve: for each iteration and part `iteration`, `part` and the loss under its name.
        Raises: MirrorUnavailable, MirrorRefused, and what `files` raise.
        """
