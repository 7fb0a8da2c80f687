"""CSV files, and the ways to send one."""
from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from domain.table import Table
from tests.builders import text_cells

RAW = {"Content-Type": "text/csv"}
READ_AS_CSV = {"format": "csv", "charset": "utf-8", "separator": ",", "packed": [], "sheet": None,
               "left_out": []}


def csv_of(cells: Table | Mapping[str, Sequence[str]], separator: str = ",") -> bytes:
    cells = text_cells(cells) if isinstance(cells, Table) else cells
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(cells)
    writer.writerows(zip(*cells.values(), strict=True))
    return text.getvalue().encode()


def cells_of(body: bytes) -> dict[str, list[str]]:
    rows = list(csv.reader(io.StringIO(body.decode(), newline="")))
    return {name: [row[position] for row in rows[1:]] for position, name in enumerate(rows[0])}


def send(service, path: str, content, headers: dict | None = None, method: str = "POST"):
    return service.client.request(method, path, content=content, headers=RAW | (headers or {}))


def send_form(service, path: str, content: bytes, headers: dict | None = None, method: str = "POST",
              field: str = "file"):
    files = {field: ("рейсы.csv", content, "text/csv")}
    return service.client.request(method, path, files=files, headers=headers)
