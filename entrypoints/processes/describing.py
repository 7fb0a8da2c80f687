"""What a machine that trains tells the others: which trainers it has, and what they say of themselves.

A trainer of somebody else is asked in a process of its own: whatever its code does, it is not done where requests are
answered, and it cannot hinder the others.
"""
from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.trainer_cards import TrainerCards
from application.ports.trainer_registry import TrainerRegistry, TrainerUnusable
from domain.errors import ProgonError
from domain.trainer_card import TrainerCard, from_plain, to_plain
from entrypoints.settings import Settings

AGAIN = timedelta(hours=1)
PATIENCE_S = 60.0
_log = logging.getLogger("progon.training")


class Describer:
    """built_in: the cards of those that are built in, by name."""

    def __init__(self, settings: Settings, registry: TrainerRegistry, built_in: Mapping[str, TrainerCard],
                 cards: TrainerCards, clock: Clock) -> None:
        self._settings, self._registry, self._built_in = settings, registry, built_in
        self._cards, self._clock = cards, clock
        self._told: dict[str, Mapping[str, str]] = {}
        self._told_at: datetime | None = None
        self._machine = socket.gethostname()

    def tell(self) -> Mapping[str, str]:
        """Publishes what there is, if it has changed or an hour has gone by. Returns: name -> why, of those that cannot
        be used."""
        now, there = self._clock.now(), self._there()
        if there == self._told and self._told_at is not None and now - self._told_at < AGAIN:
            return {}
        cards, faults = self._described(sorted(there))
        self._cards.publish(self._machine, cards, now)
        self._told, self._told_at = there, now
        for fault in faults.values():
            _log.error("%s", fault)
        return faults

    def _there(self) -> dict[str, Mapping[str, str]]:
        folder = self._settings.trainers_folder
        if folder is not None and not folder.is_dir():
            _log.error("PROGON_TRAINERS is %s, and there is no such folder", folder)
        found = {}
        for name in self._registry.names():
            try:
                found[name] = self._registry.identify(name)
            except TrainerUnusable as failure:
                found[name] = {"unusable": failure.detail}
        return found

    def _described(self, names: Sequence[str]) -> tuple[list[TrainerCard], dict[str, str]]:
        cards, faults = [], {}
        for name in names:
            try:
                card = self._card(name)
            except TrainerUnusable as failure:
                faults[name] = failure.detail
            else:
                cards += [] if card is None else [card]
        return cards, faults

    def _card(self, name: str) -> TrainerCard | None:
        """None of one that is built in and whose library is not installed here. Raises: TrainerUnusable."""
        said = self._registry.identify(name)
        if name in self._built_in and said["source"] == "built in":
            return self._built_in[name] if said["libraries"] else None
        return asked(name, self._settings)


def asked(name: str, settings: Settings) -> TrainerCard:
    """In a process of its own. Raises: TrainerUnusable."""
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "entrypoints.processes.describe_trainer", name], capture_output=True, text=True,
            env=dict(os.environ) | settings.for_children(), timeout=PATIENCE_S, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as failure:
        raise TrainerUnusable(f"the trainer {name} did not describe itself within {PATIENCE_S:g} s") from failure
    lines = answer.stdout.strip().splitlines()
    try:
        card = from_plain(json.loads(lines[-1]))
    except (ValueError, LookupError, TypeError) as failure:
        told = (answer.stderr.strip().splitlines() or [f"its process ended with {answer.returncode}"])[-1]
        raise TrainerUnusable(told if told.startswith("the trainer") else f"the trainer {name}: {told}") from failure
    return card


def describe(name: str, registry: TrainerRegistry) -> int:
    """Prints the card of a trainer as the last line, or why there is none. Returns: the exit code."""
    try:
        print(json.dumps(to_plain(registry.get(name).describe())))
    except (ProgonError, TypeError, ValueError) as failure:
        print(f"the trainer {name}: {failure}" if not isinstance(failure, ProgonError) else failure, file=sys.stderr)
        return 1
    return 0
