"""`POST /forward` with one row as JSON."""
from __future__ import annotations

import re
from collections.abc import Sequence

from application.ports.serving_models import ServedModel
from application.serving.current_request import CurrentRequest
from application.use_cases.answer_rows import GatheredAnswering
from entrypoints.formats.row_decoder import RowDecoder
from entrypoints.formats.tables import row_answers
from entrypoints.http.gathering import Addressee
from entrypoints.http.lane import Asked, Cells, Headers, OfTask, Reply, Way

PATH = "/forward"
JSON_TYPES = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})
_TASK = re.compile(rb"task=([\w-]+)", re.ASCII)
_JSON = b"content-type: application/json\r\n"
_ANY = Asked(PATH, PATH, None)


class ForwardWay(Way):
    kinds = JSON_TYPES

    def __init__(self, answering: GatheredAnswering) -> None:
        self._answering = answering
        self._decoders = OfTask(lambda task: RowDecoder(task.schema))

    def asked(self, path: str, query: bytes) -> Asked | None:
        if path != PATH:
            return None
        if not query:
            return _ANY
        said = _TASK.fullmatch(query)
        return None if said is None else Asked(PATH, PATH, said[1].decode("ascii"))

    def row(self, served: ServedModel, asked: Asked, headers: Headers, body: bytes) -> Cells | None:
        return self._decoders.get(served.task).decode(body)

    def cells(self, row: Cells) -> Cells:
        return row

    def answers(self, to: Addressee, requests: Sequence[CurrentRequest], rows: Sequence[Cells]) -> Sequence[Reply]:
        task, version = to
        exchange = self._answering.gathered(task, requests, rows, version)
        return [Reply(_JSON, body) for body in row_answers([request.id for request in requests], exchange)]
