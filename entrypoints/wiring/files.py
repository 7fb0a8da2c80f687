"""Files that are read and written: each form, and what may be in it."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dependency_injector import providers
from dependency_injector.providers import ThreadSafeSingleton

from application.decorators.picture_archive import DrawnOutlines, LabelledFrames
from application.decorators.video_codec import NoVideos
from application.ports.class_archive import ClassArchive
from application.ports.columnar_codec import ColumnarCodec
from application.ports.csv_codec import CsvCodec, CsvLimits
from application.ports.file_archive import FileArchive
from application.ports.picture_archive import ArchiveLimits, PictureArchive
from application.ports.picture_codec import PictureCodec, PictureLimits
from application.ports.video_codec import VideoCodec, VideoLimits
from application.ports.workbook_reader import WorkbookLimits, WorkbookReader
from application.use_cases.infer_class_task import InferClassTask
from application.use_cases.infer_picture_task import InferPictureTask
from application.use_cases.infer_task import InferTask
from domain.kinds.kind import Kind
from entrypoints.formats.columnar_files import ColumnarFiles
from entrypoints.formats.csv_files import CsvFiles
from entrypoints.formats.detecting import Detector
from entrypoints.formats.formats import Formats
from entrypoints.formats.json_lines import JsonLines
from entrypoints.formats.pictures import PictureReader, Pictures
from entrypoints.formats.table_reader import TableReader
from entrypoints.formats.tables import Tables
from entrypoints.formats.unpacked import Unpacker
from entrypoints.formats.workbooks import Workbooks
from entrypoints.settings import Settings
from entrypoints.wiring.core import Core


def _csv_codec() -> CsvCodec:
    from adapters.pyarrow.csv_codec import PyarrowCsvCodec
    return PyarrowCsvCodec()


def _columnar_codec() -> ColumnarCodec:
    from adapters.pyarrow.columnar_codec import PyarrowColumnarCodec
    return PyarrowColumnarCodec()


def _picture_archive(codec: PictureCodec, limits: PictureLimits) -> PictureArchive:
    from adapters.archive.picture_archive import ZipPictureArchive
    from adapters.pillow.outline_filler import PillowOutlineFiller
    return DrawnOutlines(ZipPictureArchive(), PillowOutlineFiller(), codec, limits)


def _class_archive() -> ClassArchive:
    from adapters.archive.class_archive import ZipClassArchive
    return ZipClassArchive()


def _file_archive() -> FileArchive:
    from adapters.archive.file_archive import ZipFileArchive
    return ZipFileArchive()


def _workbook_reader() -> WorkbookReader:
    from adapters.calamine.workbook_reader import CalamineWorkbookReader
    return CalamineWorkbookReader()


def _workbook_limits(settings: Settings) -> WorkbookLimits:
    usual = WorkbookLimits()
    return replace(usual, max_bytes=min(usual.max_bytes, settings.max_body_bytes))


def _video_codec() -> VideoCodec:
    try:
        from adapters.pyav.video_codec import PyavVideoCodec
    except ModuleNotFoundError:  # the extra video is not installed
        return NoVideos()
    return PyavVideoCodec()


def _by_kind(*formats: Formats) -> Mapping[Kind, Formats]:
    return {each.kind: each for each in formats}


class Files(Core):
    csv_codec = ThreadSafeSingleton(_csv_codec)
    columnar_codec = ThreadSafeSingleton(_columnar_codec)
    csv_limits = ThreadSafeSingleton(
        CsvLimits, Core.settings.provided.max_columns, Core.settings.provided.max_cell_chars,
        Core.settings.provided.max_rows)
    picture_limits = ThreadSafeSingleton(PictureLimits, Core.settings.provided.max_picture_pixels)
    video_codec = ThreadSafeSingleton(_video_codec)
    video_limits = ThreadSafeSingleton(
        VideoLimits, Core.settings.provided.max_video_frames, Core.settings.provided.max_video_pixels)
    picture_archive = ThreadSafeSingleton(
        LabelledFrames, ThreadSafeSingleton(_picture_archive, Core.picture_codec, picture_limits), Core.picture_codec,
        video_codec.provider, video_limits)
    archive_limits = ThreadSafeSingleton(
        ArchiveLimits, Core.settings.provided.max_archive_files, Core.settings.provided.max_picture_bytes,
        Core.settings.provided.max_archive_bytes)
    file_archive = ThreadSafeSingleton(_file_archive)
    workbook_limits = ThreadSafeSingleton(_workbook_limits, Core.settings)
    # Made anew each time: they hold what may be exchanged in a test.
    unpacker = providers.Factory(Unpacker, file_archive, archive_limits, Core.settings.provided.max_body_bytes)
    detector = providers.Factory(Detector, unpacker)
    table_reader = providers.Factory(TableReader, unpacker, providers.List(
        providers.Factory(Workbooks, ThreadSafeSingleton(_workbook_reader), workbook_limits, csv_codec, csv_limits),
        providers.Factory(ColumnarFiles, columnar_codec, csv_limits), providers.Factory(JsonLines, csv_limits),
        providers.Factory(CsvFiles, csv_codec, csv_limits)))
    picture_reader = providers.Factory(
        PictureReader, picture_archive, ThreadSafeSingleton(_class_archive), archive_limits, Core.picture_codec,
        picture_limits, video_codec.provider, video_limits)
    formats = providers.Factory(
        _by_kind, providers.Factory(Tables, table_reader, csv_codec, columnar_codec, providers.Factory(InferTask)),
        providers.Factory(
            Pictures, picture_reader, providers.Factory(InferPictureTask, Core.picture_codec, picture_limits),
            providers.Factory(InferClassTask, Core.picture_codec, picture_limits)))
