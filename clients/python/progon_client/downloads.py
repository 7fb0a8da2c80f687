"""Files that come from the service."""
from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import httpx

from progon_client.call import Call, Repeat
from progon_client.uploads import ARROW

if TYPE_CHECKING:
    import pandas
    import pyarrow

Form = Literal["csv", "parquet", "arrow", "zip"]
MEDIA_TYPES: dict[Form, str] = {
    "csv": "text/csv", "parquet": "application/vnd.apache.parquet", "arrow": ARROW, "zip": "application/zip"}


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file, held in memory. told: what the service says of it beside, such as `metrics` of an evaluation."""

    content: bytes
    media_type: str
    task: str | None = None
    experiment_id: int | None = None
    request_id: str | None = None
    told: dict[str, Any]

    def save(self, path: str | os.PathLike[str]) -> Path:
        Path(path).write_bytes(self.content)
        return Path(path)

    def to_arrow(self) -> pyarrow.Table:
        """Of a table. Needs pyarrow. Raises: ValueError for a file that is none."""
        import pyarrow.csv
        import pyarrow.parquet

        readers: dict[str, Callable[[Any], Any]] = {
            ARROW: lambda file: pyarrow.ipc.open_stream(file).read_all(), MEDIA_TYPES["csv"]: pyarrow.csv.read_csv,
            MEDIA_TYPES["parquet"]: pyarrow.parquet.read_table}
        if self.media_type not in readers:
            raise ValueError(f"{self.media_type} is no table")
        return readers[self.media_type](io.BytesIO(self.content))

    def to_pandas(self) -> pandas.DataFrame:
        """Of a table. Needs pandas, and pyarrow unless it is a CSV. Raises: ValueError for a file that is none."""
        if self.media_type != MEDIA_TYPES["csv"]:
            return self.to_arrow().to_pandas()
        import pandas

        return pandas.read_csv(io.BytesIO(self.content))

    def files(self) -> dict[str, bytes]:
        """Of a zip, by name. Raises: ValueError for a file that is none."""
        try:
            with zipfile.ZipFile(io.BytesIO(self.content)) as packed:
                return {name: packed.read(name) for name in packed.namelist() if not name.endswith("/")}
        except zipfile.BadZipFile as failure:
            raise ValueError(f"{self.media_type} is no zip") from failure


def download(method: str, route: str, **how: Any) -> Call[Download]:
    return Call(method=method, route=route, form=None, read=_read, repeat=Repeat.ALWAYS, **how)


_TOLD = ("Count", "Read", "Passed-Over", "Metrics", "No-Value", "Rows-Without-Target", "Unseen", "Ignored", "Rows")


def _read(response: httpx.Response) -> Download:
    headers = response.headers
    experiment_id = headers.get("X-Experiment-ID", "")
    return Download(
        content=response.content, media_type=headers.get("Content-Type", "").partition(";")[0],
        task=headers.get("X-Task"), experiment_id=int(experiment_id) if experiment_id.isdecimal() else None,
        request_id=headers.get("X-Request-ID"),
        told={name.lower().replace("-", "_"): json.loads(headers[f"X-{name}"]) for name in _TOLD
              if f"X-{name}" in headers})
