from __future__ import annotations

import numpy as np

from application.ports.text_coder import TextCoder
from domain.arrays import Array
from domain.text_cells import CodedTexts


class InMemoryTextCoder(TextCoder):
    def code(self, content: Array, offsets: Array) -> CodedTexts | None:
        whole, places = content.tobytes(), dict[str, int]()
        try:
            texts = [whole[start:end].decode() for start, end in zip(offsets, offsets[1:], strict=False)]
        except UnicodeDecodeError:
            return None
        codes = [places.setdefault(text, len(places)) for text in texts]
        return CodedTexts.of(list(places), np.array(codes, np.intp))
