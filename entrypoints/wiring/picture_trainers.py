"""Which adapter learns from pictures."""
from __future__ import annotations

from adapters.catboost.card import CARD
from application.decorators.trainer import TrainerByTarget
from application.ports.trainer import Trainer


def picture_trainer(threads: int) -> Trainer:
    from adapters.catboost.pixels.trainer import CatboostPixelTrainer

    return TrainerByTarget(CatboostPixelTrainer(threads), _of_classes(threads))


def _of_classes(threads: int) -> Trainer:
    """Without the extra `pictures` filters and trees do it, on features of the whole picture."""
    from adapters.catboost.pictures.trainer import CatboostClassTrainer
    from adapters.efficientnet.weights import installed

    if (weights := installed()) is None:
        return CatboostClassTrainer(threads)
    from adapters.efficientnet.trainer import EfficientnetTrainer
    from adapters.tensorboard.curve_writer import TensorboardCurveWriter

    return EfficientnetTrainer(weights, TensorboardCurveWriter(), CARD, threads)
