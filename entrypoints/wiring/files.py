"""Files that are read and written: each form, and what may be in it."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from application.ports.columnar_codec import ColumnarCodec
from application.ports.csv_codec import CsvCodec, CsvLimits
from application.ports.file_archive import FileArchive
from application.ports.text_coder import TextCoder
from application.ports.workbook_reader import WorkbookLimits, WorkbookReader
from application.use_cases.infer_task import InferTask
from application.use_cases.look_at_table import LookAtTable
from domain.kinds.kind import Kind
from entrypoints.formats.columnar_files import ColumnarFiles
from entrypoints.formats.csv_files import CsvFiles
from entrypoints.formats.detecting import Detector
from entrypoints.formats.formats import Formats
from entrypoints.formats.json_lines import JsonLines
from entrypoints.formats.table_reader import TableReader
from entrypoints.formats.tables import Tables
from entrypoints.formats.unpacked import Unpacker
from entrypoints.formats.workbooks import Workbooks
from entrypoints.settings import Settings
from entrypoints.wiring.injector import ThreadSafeSingleton, providers
from entrypoints.wiring.picture_files import PictureFiles


def _csv_codec() -> CsvCodec:
    from adapters.pyarrow.csv_codec import PyarrowCsvCodec
    return PyarrowCsvCodec()


def _columnar_codec() -> ColumnarCodec:
    from adapters.pyarrow.columnar_codec import PyarrowColumnarCodec
    return PyarrowColumnarCodec()


def _text_coder() -> TextCoder:
    from adapters.pyarrow.text_coder import PyarrowTextCoder
    return PyarrowTextCoder()


def _file_archive() -> FileArchive:
    from adapters.archive.file_archive import ZipFileArchive
    return ZipFileArchive()


def _workbook_reader() -> WorkbookReader:
    from adapters.calamine.workbook_reader import CalamineWorkbookReader
    return CalamineWorkbookReader()


def _workbook_limits(settings: Settings) -> WorkbookLimits:
    usual = WorkbookLimits()
    return replace(usual, max_bytes=min(usual.max_bytes, settings.max_body_bytes))


def _by_kind(*formats: Formats) -> Mapping[Kind, Formats]:
    return {each.kind: each for each in formats}


class Files(PictureFiles):
    csv_codec = ThreadSafeSingleton(_csv_codec)
    columnar_codec = ThreadSafeSingleton(_columnar_codec)
    text_coder = ThreadSafeSingleton(_text_coder)
    csv_limits = ThreadSafeSingleton(
        CsvLimits, PictureFiles.settings.provided.max_columns, PictureFiles.settings.provided.max_cell_chars,
        PictureFiles.settings.provided.max_rows)
    file_archive = ThreadSafeSingleton(_file_archive)
    workbook_limits = ThreadSafeSingleton(_workbook_limits, PictureFiles.settings)
    # Made anew each time: they hold what may be exchanged in a test.
    unpacker = providers.Factory(
        Unpacker, file_archive, PictureFiles.archive_limits, PictureFiles.settings.provided.max_body_bytes)
    detector = providers.Factory(Detector, unpacker)
    table_reader = providers.Factory(TableReader, unpacker, providers.List(
        providers.Factory(Workbooks, ThreadSafeSingleton(_workbook_reader), workbook_limits, csv_codec, csv_limits),
        providers.Factory(ColumnarFiles, columnar_codec, csv_limits), providers.Factory(JsonLines, csv_limits),
        providers.Factory(CsvFiles, csv_codec, csv_limits)))
    formats = providers.Factory(
        _by_kind, providers.Factory(Tables, table_reader, csv_codec, columnar_codec, providers.Factory(InferTask),
                                    providers.Factory(LookAtTable)), PictureFiles.pictures)
