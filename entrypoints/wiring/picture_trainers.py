"""Which adapter learns from pictures."""
from __future__ import annotations

from adapters.catboost.card import CARD
from application.ports.trainer import Trainer


def mask_trainer(threads: int) -> Trainer:
    from adapters.catboost.pixels.trainer import CatboostPixelTrainer

    return CatboostPixelTrainer(threads)


def class_trainer(threads: int) -> Trainer:
    """Without the extra `pictures` filters and trees do it, on features of the whole picture."""
    from adapters.catboost.pictures.trainer import CatboostClassTrainer
    from adapters.efficientnet.weights import installed

    if (weights := installed()) is None:
        return CatboostClassTrainer(threads)
    from adapters.efficientnet.trainer import EfficientnetTrainer
    from adapters.tensorboard.curve_writer import TensorboardCurveWriter

    return EfficientnetTrainer(weights, TensorboardCurveWriter(), CARD, threads)
