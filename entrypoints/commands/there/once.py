"""What a service does once, however often its answer gets lost on the way."""
from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import uuid4

import click

from application.ports.kept_answers import StillWorkedOn
from entrypoints.commands.there.failures import AnswerLost, NoService

HEADER = "Idempotency-Key"
# Before what got lost is asked for again. A service that is begun anew takes some seconds.
PAUSES_S = (0.5, 2.0, 5.0, 10.0)
# Between looks at what is still worked on, for as long as it is.
LOOK_S = 1.0
_Answer = TypeVar("_Answer")


def once(ask: Callable[[Mapping[str, str]], _Answer]) -> _Answer:
    """ask: with these headers, as often as it takes. Raises: what it does, AnswerLost when patience is over."""
    headers, pauses, was_sent = {HEADER: str(uuid4())}, iter(PAUSES_S), False
    while True:
        try:
            return ask(headers)
        except StillWorkedOn:
            was_sent, pause_s = True, LOOK_S
        except NoService as failure:
            was_sent = was_sent or isinstance(failure, AnswerLost)
            if not was_sent or (found := next(pauses, None)) is None:
                raise
            click.echo(f"{failure}; asking again for the same, which is done once", err=True)
            pause_s = found
        time.sleep(pause_s)
