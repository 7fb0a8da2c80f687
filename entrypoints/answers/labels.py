"""Late labels."""
from __future__ import annotations

from typing import Annotated

from application.use_cases.add_labels import LabelsAdded
from entrypoints.answers.answer import Answer, says


class LabelsAnswer(Answer):
    """What became of late labels."""

    matched: Annotated[int, says("Met an answer that was given earlier")]
    unknown: Annotated[int, says("No answer of that request is known yet; kept for one that is still on its way")]
    already: Annotated[int, says("Were known with this very label")]

    @classmethod
    def of(cls, added: LabelsAdded) -> LabelsAnswer:
        return cls(added.matched, added.unknown, added.already)
