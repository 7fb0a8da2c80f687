"""What comes in from the caller's side: tables and pictures as files."""
from __future__ import annotations

import io
import json
import mimetypes
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol, TypeAlias, runtime_checkable

ARROW = "application/vnd.apache.arrow.stream"
OCTETS = "application/octet-stream"


@runtime_checkable
class ArrowTable(Protocol):
    """What gives its rows by the Arrow PyCapsule interface: pyarrow, pandas, polars, duckdb."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


@runtime_checkable
class Picture(Protocol):
    """What writes itself as a picture, as those of Pillow do."""

    def save(self, fp: IO[bytes], format: str | None = None) -> None: ...


@runtime_checkable
class Array(Protocol):
    """Pixels [H, W] or [H, W, 3], as those of numpy."""

    @property
    def __array_interface__(self) -> dict[str, Any]: ...


#: A path, the bytes of a file, a table of pandas, pyarrow or polars, or rows by column.
TableLike: TypeAlias = str | os.PathLike[str] | bytes | ArrowTable | Iterable[Mapping[str, object]]
#: A path, the bytes of a file, a picture of Pillow, or an array (needs Pillow).
PictureLike: TypeAlias = str | os.PathLike[str] | bytes | Picture | Array
FileLike: TypeAlias = str | os.PathLike[str] | bytes


@dataclass(frozen=True)
class Upload:
    """A file to send, any number of times: bytes, or one that stays on the disk until it is sent."""

    content: bytes | Path
    name: str
    media_type: str = OCTETS

    def open(self) -> BinaryIO:
        """Raises: OSError."""
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")


def file(content: FileLike, charset: str | None = None, name: str = "file") -> Upload:
    """charset: of a text, where its bytes leave it in doubt."""
    if isinstance(content, bytes):
        return Upload(content, name, _with(OCTETS, charset))
    path = Path(content)
    return Upload(path, path.name, _with(mimetypes.guess_type(path.name)[0] or OCTETS, charset))


def table(content: TableLike, charset: str | None = None) -> Upload:
    """Raises: TypeError for what is no table."""
    if isinstance(content, (str, os.PathLike, bytes)):
        return file(content, charset)
    if isinstance(content, ArrowTable):
        return _arrow(content)
    if isinstance(content, Iterable):
        return _rows(content)
    raise TypeError(f"expected a path, bytes, a table or rows, got {type(content).__name__}")


def picture(content: PictureLike) -> Upload:
    """Raises: TypeError for what is no picture; ImportError for an array where Pillow is missing."""
    if isinstance(content, (str, os.PathLike, bytes)):
        return file(content, name="image")
    if isinstance(content, Picture):
        return Upload(_png(content), "image.png", "image/png")
    if isinstance(content, Array):
        from PIL import Image

        return Upload(_png(Image.fromarray(content)), "image.png", "image/png")
    raise TypeError(f"expected a path, bytes, a picture or an array, got {type(content).__name__}")


def _png(content: Picture) -> bytes:
    written = io.BytesIO()
    content.save(written, format="PNG")
    return written.getvalue()


def _arrow(content: ArrowTable) -> Upload:
    """Without the index of a DataFrame, which is none of its columns. pandas alone is enough for a DataFrame: it is
    written as CSV where there is no pyarrow."""
    frame: Any = content if _is_frame(content) else None
    try:
        import pyarrow
    except ImportError:
        if frame is None:
            raise
        return Upload(frame.to_csv(index=False).encode(), "table.csv", "text/csv; charset=utf-8")
    rows = pyarrow.table(content) if frame is None else pyarrow.Table.from_pandas(frame, preserve_index=False)
    written = io.BytesIO()
    with pyarrow.ipc.new_stream(written, rows.schema) as stream:
        stream.write_table(rows)
    return Upload(written.getvalue(), "table.arrow", ARROW)


def _is_frame(content: object) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(content, pandas.DataFrame)


def _rows(content: Iterable[Mapping[str, object]]) -> Upload:
    lines = (json.dumps(dict(row), ensure_ascii=False, allow_nan=False, default=_plain) for row in content)
    return Upload("\n".join(lines).encode(), "rows.ndjson", "application/x-ndjson")


def _plain(value: object) -> object:
    """Scalars of numpy and pandas as JSON has them. Raises: TypeError."""
    if callable(item := getattr(value, "item", None)):
        return item()
    raise TypeError(f"a cell of type {type(value).__name__} cannot be sent")


def _with(media_type: str, charset: str | None) -> str:
    return f"{'text/csv' if media_type == OCTETS else media_type}; charset={charset}" if charset else media_type
