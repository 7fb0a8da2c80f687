"""Tasks and their data: what is kept of the files that are read."""
from __future__ import annotations

from adapters.sqlmodel.data_keeper import SqlmodelDataKeeper
from adapters.sqlmodel.late_labels import SqlmodelLateLabels
from application.decorators import telling
from application.queries.column_summaries import ColumnSummaries
from application.queries.few_labels import FewLabels
from application.queries.first_look import FirstLook
from application.queries.label_shares import LabelShares
from application.queries.picture_gallery import PictureGallery
from application.use_cases.add_data import AddData
from application.use_cases.add_labels import AddLabels
from application.use_cases.check_rows import CheckRows
from application.use_cases.create_task import CreateTask
from application.use_cases.edit_task import EditTask
from application.use_cases.undo_data import UndoData
from domain.kinds.kind import Kind, Problem
from entrypoints.formats.beginning import Beginning
from entrypoints.formats.check_files import CheckFiles, ChecksByProblem
from entrypoints.formats.import_forms import ImportForms
from entrypoints.formats.mask_checks import MaskChecks
from entrypoints.formats.model_files import ModelFiles
from entrypoints.formats.picture_checks import PictureChecks
from entrypoints.wiring.auditing import audited
from entrypoints.wiring.core import Core
from entrypoints.wiring.files import Files
from entrypoints.wiring.injector import Factory, ThreadSafeSingleton, providers


class Data(Files):
    picture_checks = Factory(
        PictureChecks, Files.pictures, Files.file_archive, Files.archive_limits, Files.table_reader)
    picture_gallery = ThreadSafeSingleton(
        PictureGallery, Core.feature_rows, Core.picture_files, Core.picture_codec)

    create_task = audited(
        ThreadSafeSingleton(CreateTask, Core.task_catalog, Core.feature_store, Core.known_trainers),
        telling.task_created)
    data_keeper = ThreadSafeSingleton(SqlmodelDataKeeper, Core.database)
    edit_task = ThreadSafeSingleton(
        EditTask, Core.task_catalog, Core.feature_store, data_keeper, Core.history, Core.clock, Core.known_trainers)
    undo_data = ThreadSafeSingleton(
        UndoData, Core.task_catalog, data_keeper, Core.experiment_log, Core.deployment_log, Core.history, Core.clock)
    check_rows = ThreadSafeSingleton(CheckRows, Core.task_catalog)
    late_labels = ThreadSafeSingleton(SqlmodelLateLabels, Core.database)
    add_data = audited(ThreadSafeSingleton(
        AddData, Core.task_catalog, Core.feature_store, late_labels, Core.settings.provided.max_late_labels),
        telling.data_added)
    label_shares = ThreadSafeSingleton(LabelShares, Core.feature_store)
    few_labels = ThreadSafeSingleton(FewLabels, Core.feature_store, label_shares)
    first_look = ThreadSafeSingleton(FirstLook, Core.feature_store, few_labels)
    column_summaries = ThreadSafeSingleton(ColumnSummaries, Core.feature_store)
    add_labels = audited(ThreadSafeSingleton(
        AddLabels, Core.task_catalog, late_labels, Core.settings.provided.max_late_labels), telling.labels_added)
    beginning = Factory(Beginning, Files.formats, Files.detector)
    import_forms = Factory(
        ImportForms, Factory(
            ModelFiles, Files.file_archive, Files.archive_limits, Core.settings.provided.max_model_bytes),
        providers.Dict({
            Kind.TABULAR: Factory(CheckFiles, Files.table_reader),
            Kind.IMAGE: Factory(ChecksByProblem, providers.Dict({
                Problem.BINARY: picture_checks, Problem.MULTICLASS: picture_checks,
                Problem.SEGMENTATION: Factory(MaskChecks, Files.pictures)}))}))
