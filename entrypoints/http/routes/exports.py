"""Rows for a training elsewhere."""
from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import Response, StreamingResponse

from application.use_cases.export_data import PARTS, Exported
from domain.api_key import Right
from domain.errors import Forbidden
from domain.table import Table
from entrypoints.formats.files import EXPORT
from entrypoints.formats.formats import Formats
from entrypoints.formats.forms import BodyFile
from entrypoints.http import openapi
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import wired
from entrypoints.http.responses import Releasing
from entrypoints.http.rights import needs
from entrypoints.http.routes.datasets import Version
from entrypoints.wiring import get

router = APIRouter(tags=["tasks"])
_NAMES = ",".join(PARTS)


@router.get("/datasets/{task}/export", summary="The rows that a training elsewhere may see",
            response_class=StreamingResponse,
            responses=openapi.FILE | openapi.problems(400, 403, 404, 503))
@needs(Right.DATA)
@within(Work.FILE)
async def export(
    task: str, request: Request, version: Version = None,
    parts: Annotated[str, Query(
        description="With commas between", max_length=1_000,
        json_schema_extra={"pattern": f"^({'|'.join(PARTS)})(,({'|'.join(PARTS)}))*$"})] = _NAMES,
) -> Response:
    """The rows of the parts that train and stop, never those that are held out, so that the model that comes back is
    judged by rows that it has not seen. A zip: a file for each part, and `export.json`, which says which rows they are
    and goes with the import of the model. X-Rows has the number of rows of each part."""
    chosen = tuple(filter(None, map(str.strip, parts.split(","))))
    async with get.slots(wired(request)).taken():
        packed = await run_in_threadpool(_packed, request, task, chosen, version)
    headers = {"Content-Disposition": 'attachment; filename="export.zip"', "X-Rows": json.dumps(packed.counts)}
    body = StreamingResponse(iterate_in_threadpool(packed.body.pieces()), headers=headers, media_type="application/zip")
    return Releasing(body, packed.body.kept())


def _packed(request: Request, task: str, parts: tuple[str, ...], version: int | None) -> _Packed:
    exported = get.export_data(wired(request)).execute(task, parts, version)
    if private := [column.name for column in exported.task.schema.stored if column.private]:
        raise Forbidden(f"column {private[0]} is private: these rows are given away on the machine of the service "
                        "alone, by progon export-data")
    packed = _Packed(exported, get.formats(wired(request))[exported.task.kind])
    packed.write()
    return packed


class _Packed:
    """body: the zip, once it is written. counts: of the rows, by part."""

    def __init__(self, exported: Exported, formats: Formats) -> None:
        self._exported, self._formats = exported, formats
        self.body, self.counts = BodyFile(), dict[str, int]()

    def write(self) -> None:
        try:
            with zipfile.ZipFile(self.body.file, "w", zipfile.ZIP_DEFLATED) as archive:
                for part, tables in self._exported.tables.items():
                    self._write(archive, part, tables)
                archive.writestr(EXPORT, json.dumps(self._exported.export.to_document(), indent=1))
        except BaseException:
            self.body.file.close()
            raise

    def _write(self, archive: zipfile.ZipFile, part: str, tables: Iterator[Table]) -> None:
        """Of a part without rows nothing."""
        if (first := next(tables, None)) is None:
            return
        stored = self._formats.stored(self._exported.task, self._counted(part, chain((first,), tables)), "csv")
        with archive.open(f"{part}.{stored.suffix}", "w", force_zip64=True) as file:
            for piece in stored.pieces:
                file.write(piece)

    def _counted(self, part: str, tables: Iterator[Table]) -> Iterator[Table]:
        for table in tables:
            self.counts[part] = self.counts.get(part, 0) + table.n_rows
            yield table
