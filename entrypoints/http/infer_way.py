"""`POST /v2/models/{task}/infer` with one row of tensors."""
from __future__ import annotations

import re
from collections.abc import Sequence

from application.ports.serving_models import ServedModel
from application.serving.current_request import CurrentRequest
from application.use_cases.answer_rows import GatheredAnswering
from entrypoints.formats.v2 import infer_answer
from entrypoints.formats.v2.row_decoder import TensorRow, TensorRowDecoder
from entrypoints.http.forward_way import JSON_TYPES
from entrypoints.http.gathering import Addressee
from entrypoints.http.lane import Asked, Cells, Headers, OfTask, Reply, Way
from entrypoints.v2.lengths import json_bytes_of
from entrypoints.v2.packed import packed

_ENDS = "/infer"
# Not with a version: another model may be deployed before the row is answered, and what was answered is kept.
_PATH = re.compile(r"/v2/models/([\w-]+)/infer", re.ASCII)
_ROUTE = "/v2/models/{task}/infer"
_BYTES, _ACCEPTED = b"inference-header-content-length", b"accept-encoding"
_JSON = b"content-type: application/json\r\n"
_BINARY = b"content-type: application/octet-stream\r\ninference-header-content-length: %d\r\n"


class InferWay(Way):
    kinds = JSON_TYPES | {b"application/octet-stream"}
    headers = frozenset({_BYTES, _ACCEPTED})

    def __init__(self, answering: GatheredAnswering) -> None:
        self._answering = answering
        self._decoders = OfTask(lambda task: TensorRowDecoder(task.schema))

    def asked(self, path: str, query: bytes) -> Asked | None:
        if query or not path.endswith(_ENDS) or (said := _PATH.fullmatch(path)) is None:
            return None
        return Asked(_ROUTE, path, said[1])

    def row(self, served: ServedModel, asked: Asked, headers: Headers, body: bytes) -> tuple[TensorRow, str] | None:
        """(what was read, how the answer may be packed)."""
        said, size = headers.get(_BYTES), None
        if said is not None and (size := json_bytes_of(said.decode("latin-1"), len(body))) is None:
            return None
        row = self._decoders.get(served.task).decode(body, size)
        if row is None or not infer_answer.output_shapes(served.task).keys() >= row.asked.outputs.keys():
            return None
        return row, headers.get(_ACCEPTED, b"").decode("latin-1")

    def cells(self, row: tuple[TensorRow, str]) -> Cells:
        return row[0].cells

    def answers(self, to: Addressee, requests: Sequence[CurrentRequest], rows: Sequence[tuple[TensorRow, str]]
                ) -> Sequence[Reply]:
        task, version = to
        exchange = self._answering.gathered(task, requests, [row.cells for row, _ in rows], version)
        part, = exchange.parts
        tensors = infer_answer.gathered(exchange.served.task, [part])
        return [_reply(infer_answer.encode(row.asked, request.id, task, exchange.served.experiment_id,
                                           infer_answer.of_row(tensors, place)), accepted)
                for place, (request, (row, accepted)) in enumerate(zip(requests, rows, strict=True))]


def _reply(answer: infer_answer.Encoded, accepted: str) -> Reply:
    body, more = packed(accepted, answer.body)
    kind = _JSON if answer.json_bytes is None else _BINARY % answer.json_bytes
    return Reply(kind + "".join(f"{name.lower()}: {value}\r\n" for name, value in more.items()).encode(), body)
