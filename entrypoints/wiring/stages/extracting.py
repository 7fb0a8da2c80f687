from __future__ import annotations

from dataclasses import dataclass

from adapters.pillow.picture_codec import PillowPictureCodec
from adapters.pyarrow.table_files import ParquetTableFiles
from adapters.sqlmodel.feature_store import SqlmodelFeatureStore
from adapters.sqlmodel.storage import SqlmodelStorage
from adapters.sqlmodel.task_catalog import SqlmodelTaskCatalog
from adapters.system.clock import SystemClock
from application.decorators.feature_store import StoredPictures
from application.pictures.picture_files import PictureFiles
from application.ports.storage import Storage
from application.use_cases.add_demo_data import AddDemoData
from application.use_cases.extract_data import ExtractData
from entrypoints.settings import Settings
from entrypoints.wiring import stores
from entrypoints.wiring.demos import demo_data


@dataclass(frozen=True, slots=True)
class Extracting:
    storage: Storage
    add_demo_data: AddDemoData
    extract: ExtractData


def wire(settings: Settings) -> Extracting:
    database = stores.database(settings)
    store = StoredPictures(
        SqlmodelFeatureStore(database, SystemClock()),
        PictureFiles(stores.artifact_store(settings), PillowPictureCodec()))
    return Extracting(
        SqlmodelStorage(database), AddDemoData(SqlmodelTaskCatalog(database), store, demo_data()),
        ExtractData(store, ParquetTableFiles()))
