"""What commands ask for, whoever does it: the use cases of this HOME (`here`), or a service over HTTP (`there`).

A method answers with what the API answers with, so that a command is written once. All of them raise what the use case
of that name does; `there` also NoService.
"""
from __future__ import annotations

from typing import Protocol

from entrypoints.commands.abilities.answering import Answering
from entrypoints.commands.abilities.data import Data
from entrypoints.commands.abilities.experiments import Experiments
from entrypoints.commands.abilities.keys import Keys
from entrypoints.commands.abilities.serving import Serving
from entrypoints.commands.abilities.tasks import Tasks
from entrypoints.commands.abilities.watching import Watching


class Abilities(Tasks, Data, Answering, Experiments, Serving, Watching, Keys, Protocol):
    """All that can be asked for."""
