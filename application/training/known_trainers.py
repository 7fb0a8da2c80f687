"""Which trainers can be asked for, and what of it can be used."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from application.ports.clock import Clock
from application.ports.trainer_cards import TrainerCards
from domain.class_weights import weight_faults
from domain.errors import Fault
from domain.task import Task
from domain.trainer_card import TrainerCard
from domain.training import Refit, Training, faults_of, refuse

# A machine says what it has every hour. One that was silent for so long is not counted on.
REMEMBERED = timedelta(days=7)
NOTHING: Mapping[str, object] = MappingProxyType({})


class KnownTrainers:
    """Those built in, and those that some machine has told of."""

    def __init__(self, built_in: Sequence[TrainerCard], published: TrainerCards, clock: Clock) -> None:
        self._built_in, self._published, self._clock = built_in, published, clock

    def all(self) -> Sequence[TrainerCard]:
        """By name."""
        published = self._published.all(self._clock.now() - REMEMBERED)
        by_name = {card.name: card for card in (*published, *self._built_in)}
        return [by_name[name] for name in sorted(by_name)]

    def check(self, task: Task, asked: Mapping[str, object] = NOTHING) -> tuple[TrainerCard, Training]:
        """The task's training with what is asked in its place, and the card of its trainer.
        Raises: InvalidInput naming everything that cannot be done."""
        faults = faults_of(asked)
        wrong = {fault.where.removeprefix("params.") for fault in faults}
        training = task.training.override({name: value for name, value in asked.items() if name not in wrong})
        cards = {card.name: card for card in self.all()}
        if training.trainer not in cards:
            faults.append(Fault("params.trainer", f"there is no trainer {training.trainer}; there are "
                                f"{', '.join(cards)}"))
        else:
            faults += card_faults(cards[training.trainer], task, training)
        refuse(faults)
        return cards[training.trainer], training


def checked(card: TrainerCard, task: Task, rows: int) -> Training:
    """The task's training with every parameter of the card. Raises: InvalidInput with all faults."""
    refuse(card_faults(card, task, task.training))
    return task.training.override(card.resolved(task.training.params, task.kind, rows, task.problem))


def card_faults(card: TrainerCard, task: Task, training: Training) -> list[Fault]:
    """What the trainer cannot do for the task."""
    faults = []
    if not card.takes(task.kind, task.problem):
        faults.append(Fault("params.trainer", f"the trainer {card.name} is for {', '.join(card.kinds)} and "
                            f"{', '.join(card.problems)}; the task is {task.kind}, {task.problem}"))
    if training.refit is Refit.ALL and not card.refits:
        faults.append(Fault("params.refit", f"the trainer {card.name} cannot fit its model once more"))
    unusable = card.faults(training.params)
    return faults + unusable + ([] if unusable else weight_faults(card, task, training.params))
