"""What answers are made of."""
from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta


def says(words: str) -> Meta:
    """The description of a field."""
    return Meta(description=words)


Json = Annotated[object, Meta(extra_json_schema={"description": "Any JSON"})]
Moment = Annotated[datetime, Meta(tz=True)]


class Answer(msgspec.Struct):
    """Fields come in the order in which they are written; one that is UNSET is left out."""
