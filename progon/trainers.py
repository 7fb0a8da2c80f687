"""For trainers of your own: docs/trainers.md.

    from progon.trainers import Parameter, TrainerCard, sklearn_model
"""
from __future__ import annotations

from adapters.matrix.encoding import MatrixEncoder, fit_plain, fit_scaled
from adapters.matrix.model import MatrixModel, OfMatrix
from adapters.matrix.sklearn import OnnxOfMatrix, matrix_model, sklearn_model
from application.ports.trainer import TrainedModel, Trainer, TrainingFailed
from domain.class_weights import class_weights
from domain.kinds.kind import Kind, Problem
from domain.prediction import Predictions
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task
from domain.trainer_card import Adapted, Parameter, ParameterType, TrainerCard

__all__ = [
    "Adapted", "Kind", "MatrixEncoder", "MatrixModel", "OfMatrix", "OnnxOfMatrix", "Parameter",
    "ParameterType", "Parts", "Predictions", "Problem", "Table", "Task", "TrainedModel", "Trainer",
    "TrainerCard", "TrainingFailed", "class_weights", "fit_plain", "fit_scaled", "matrix_model", "sklearn_model",
]
