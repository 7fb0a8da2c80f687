from __future__ import annotations

from typing import Any

import numpy as np

from application.ports.text_coder import TextCoder
from domain.arrays import Array
from domain.text_cells import CodedTexts


class PyarrowTextCoder(TextCoder):
    def code(self, content: Array, offsets: Array) -> CodedTexts | None:
        import pyarrow as pa
        texts: Any = pa.Array.from_buffers(
            pa.string(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(content)])
        try:
            texts.validate(full=True)
        except pa.ArrowInvalid:
            return None
        encoded = texts.dictionary_encode()
        return CodedTexts.of(encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.intp))
