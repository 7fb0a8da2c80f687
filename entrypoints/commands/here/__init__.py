"""The use cases on the HOME of this machine, beside a running service or without one."""
from __future__ import annotations

from entrypoints.commands.abilities import Abilities
from entrypoints.commands.here.answering import AnsweringHere
from entrypoints.commands.here.data import DataHere
from entrypoints.commands.here.experiments import ExperimentsHere
from entrypoints.commands.here.keys import KeysHere
from entrypoints.commands.here.serving import ServingHere
from entrypoints.commands.here.tasks import TasksHere
from entrypoints.commands.here.watching import WatchingHere


class Here(TasksHere, DataHere, AnsweringHere, ExperimentsHere, ServingHere, WatchingHere, KeysHere, Abilities):
    """All of them."""
