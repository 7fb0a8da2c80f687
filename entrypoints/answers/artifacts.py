"""The files that an experiment left."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from application.ports.artifact_store import ArtifactInfo
from entrypoints.answers.answer import Answer, says


class ArtifactAnswer(Answer):
    """One file."""

    path: Annotated[str, says("Below the experiment")]
    size_bytes: int


class ArtifactsAnswer(Answer):
    """The files of an experiment."""

    artifacts: Sequence[ArtifactAnswer]

    @classmethod
    def of(cls, folder: str, found: Iterable[ArtifactInfo]) -> ArtifactsAnswer:
        """folder: of the experiment, ending with a slash."""
        return cls([ArtifactAnswer(info.path.removeprefix(folder), info.size_bytes) for info in found])
