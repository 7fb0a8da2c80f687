"""The barest service of a model file that can be written: ASGI without a framework, msgspec, stock onnxruntime.

    MODEL=model.onnx uvicorn benchmarks.raw_asgi:app --loop uvloop --http httptools --no-access-log

The peer of `benchmarks.limit`. It takes the same file and the same rows as the product, answers the prediction and the
probabilities, and does nothing else: no names in its faults, no log, no counts, no other model while it runs. It
imports nothing of the project.
"""
from __future__ import annotations

import json
import os
from functools import cache

import msgspec
import numpy as np
import onnxruntime

JSON = [(b"content-type", b"application/json")]
_encode = msgspec.json.Encoder().encode


class Model:
    def __init__(self, path: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._run, inputs = session.run, session.get_inputs()
        self._labels = [str(label) for label in json.loads(session.get_modelmeta().custom_metadata_map["labels"])]
        self._names = [tensor.name for tensor in inputs]
        self._types = [np.float32 if tensor.type == "tensor(float)" else object for tensor in inputs]
        # Names of columns need not be names of Python, those of fields must.
        fields = [(f"f{place}", float | None if kind is np.float32 else str | None, msgspec.field(name=name))
                  for place, (name, kind) in enumerate(zip(self._names, self._types, strict=True))]
        self._decode = msgspec.json.Decoder(msgspec.defstruct("Row", fields)).decode

    def answer(self, body: bytes) -> bytes:
        values = msgspec.structs.astuple(self._decode(body))
        feed = {name: np.array([[value if value is not None else "" if kind is object else np.nan]], kind)
                for name, value, kind in zip(self._names, values, self._types, strict=True)}
        prediction, probabilities = self._run(["prediction", "probabilities"], feed)
        return _encode({"prediction": prediction.tolist()[0],
                        "probabilities": dict(zip(self._labels, probabilities[0].tolist(), strict=True))})


@cache
def model() -> Model:
    return Model(os.environ["MODEL"])


async def app(scope, receive, send) -> None:
    if scope["type"] != "http":
        return
    if scope["method"] == "GET":
        model()
        await _send(send, 200, b"{}")
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    try:
        answer = 200, model().answer(body)
    except msgspec.MsgspecError as failure:
        answer = 400, _encode({"error": str(failure)})
    await _send(send, *answer)


async def _send(send, status: int, body: bytes) -> None:
    headers = [*JSON, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
