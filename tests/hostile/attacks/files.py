"""Files that are small to send and large to open."""
from __future__ import annotations

import gzip
import io
import json
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache

import pyarrow as pa
import pyarrow.parquet as pq

from tests.builders import ROW, make_table
from tests.deep_pictures import png
from tests.e2e.small_task import TASK, csv_of
from tests.hostile.attack import Target, attack, check_refused, long_attack

CSV, ZIP = {"Content-Type": "text/csv"}, {"Content-Type": "application/zip"}
NDJSON, PARQUET = {"Content-Type": "application/x-ndjson"}, {"Content-Type": "application/vnd.apache.parquet"}
_MIB = 1 << 20
_BATCH, _ADD = ("POST", "/forward_batch?task=small"), ("PUT", "/add_data?task=small")
_CHECK = ("POST", "/datasets/small/check")


def _everywhere(target: Target, content: bytes, headers: dict[str, str], *expected: int) -> None:
    for method, path in (_BATCH, _ADD, _CHECK):
        check_refused(target.ask(method, path, content=content, headers=headers), *expected)


@cache
def black_png(width: int, height: int) -> bytes:
    """Grey, of some kilobytes whatever its size. Made once: who attacks has the same processors here as who is
    attacked."""
    packer, row = zlib.compressobj(9), bytes(1 + width)
    pixels = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def zipped(*files: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return file.getvalue()


@attack
def pictures_of_lying_sizes(target: Target) -> None:
    for width, height in ((8_001, 8_000), (100_000, 100_000), (2**31 - 1, 1), (0, 0)):
        check_refused(target.ask("POST", "/forward?task=nuclei", files={"image": png(width, height, 8, 0)}), 400, 413)
    # As large as may be, and nothing of it there.
    check_refused(target.ask("POST", "/forward?task=nuclei", files={"image": png(8_000, 8_000, 8, 0)}), 400)
    answer = target.ask("POST", "/forward?task=nuclei", files={"image": png(64, 64, 8, 0) + b"a" * _MIB})
    check_refused(answer, 400)


@attack
def large_pictures_nobody_waits_for(target: Target) -> None:
    """As many as there are slots, whose senders go: the next one who comes is answered."""
    _abandoned(target, black_png(4_000, 4_000), 4)
    small = black_png(64, 64)
    began = time.monotonic()
    while (answer := target.ask("POST", "/forward?task=nuclei", files={"image": small})).status_code == 503:
        assert time.monotonic() - began < 30
    assert answer.status_code == 200, answer.text[:300]


@long_attack
def the_largest_pictures(target: Target) -> None:
    """Of 8000 x 8000, more at once than there are slots, whose senders go."""
    _abandoned(target, black_png(8_000, 8_000), 8)
    assert target.ask("GET", "/healthz").status_code == 200


def _abandoned(target: Target, picture: bytes, count: int) -> None:
    body = (b"--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n" + picture
            + b"\r\n--b--\r\n")
    head = (b"POST /forward?task=nuclei HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n" % len(body))
    opened = [target.connect() for _ in range(count)]
    for connection in opened:
        connection.sendall(head + body)
    time.sleep(1)  # how long they stay, not something waited for
    for connection in opened:
        connection.close()


@long_attack
def zips_of_large_pictures(target: Target) -> None:
    """Three of some kilobytes, each with as many pixels as a picture may have, many times over; all at once."""
    content = zipped(*((f"images/{number}.png", black_png(8_000, 8_000)) for number in range(20)))
    found: list[int] = []

    def send() -> None:
        try:
            found.append(target.ask("PUT", "/add_data?task=nuclei", content=content, headers=ZIP).status_code)
            found.append(target.ask("POST", "/datasets/nuclei/check", content=content, headers=ZIP).status_code)
        except OSError as failure:
            found.append(0 if str(failure) else 1)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    assert found and all(status in (400, 413, 503) for status in found), found


@attack
def zips_that_multiply(target: Target) -> None:
    zeros = bytes(24 * _MIB)
    inner = zipped(("a.csv", zeros))
    # Many names for one member's bytes, and more names than may be.
    _everywhere(target, zipped(("a.csv", zeros)), ZIP, 400, 413)
    _everywhere(target, zipped(("a.zip", inner)), ZIP, 400, 413)
    _everywhere(target, zipped(*((f"{number}.csv", b"") for number in range(20_000))), ZIP, 400, 413)
    check_refused(target.ask("PUT", "/add_data?task=nuclei", content=zipped(
        *((f"images/{number}.png", b"") for number in range(20_000))), headers=ZIP), 400, 413)
    check_refused(target.ask("PUT", "/add_data?task=nuclei", content=zipped(
        ("../../etc/passwd.png", b"x"), ("images/a.png", zeros)), headers=ZIP), 400, 413)


@attack
def zips_of_lying_sizes(target: Target) -> None:
    """A directory that says 1 byte of a member of 24 MB, 4 GB of one of 1 byte, and members that overlap."""
    honest = zipped(("a.csv", bytes(24 * _MIB)))
    at = honest.rindex(b"PK\x01\x02")
    for said in (1, 2**32 - 2):
        lying = honest[:at + 24] + struct.pack("<I", said) + honest[at + 28:]
        _everywhere(target, lying, ZIP, 400, 413)
    entry, end = honest[at:honest.rindex(b"PK\x05\x06")], honest[honest.rindex(b"PK\x05\x06"):]
    many = honest[:at] + entry * 3_000 + end[:8] + struct.pack("<HHI", 3_000, 3_000, len(entry) * 3_000) + end[16:]
    _everywhere(target, many, ZIP, 400, 413)


@attack
def packed_tables(target: Target) -> None:
    """One cell of 96 MB, in a tenth of one."""
    packed = gzip.compress(b"a,b\n" + b"1" * (96 * _MIB), 1)
    _everywhere(target, packed, {"Content-Type": "text/csv", "Content-Encoding": "gzip"}, 400, 413)
    _everywhere(target, packed, CSV, 400, 413)


@attack
def lines_without_end(target: Target) -> None:
    _everywhere(target, b'{"a": "' + b"x" * (16 * _MIB), NDJSON, 400, 413)
    _everywhere(target, b'a,b\n"' + b"x" * (16 * _MIB), CSV, 400, 413)
    _everywhere(target, b'a,b\n"' + b"x\n" * (8 * _MIB), CSV, 400, 413)


@attack
def two_hundred_thousand_columns(target: Target) -> None:
    names = [f"c{number}" for number in range(200_000)]
    for head in (",".join(names), ",".join(["same"] * 200_000), "," * 1_000_000):
        _everywhere(target, f"{head}\n".encode(), CSV, 400, 413)
        check_refused(target.ask("POST", "/tasks", files={"file": ("a.csv", f"{head}\n{head}\n".encode())},
                                 data={"name": "hostile", "target": "c1"}), 400, 413)
    _everywhere(target, json.dumps(dict.fromkeys(names, 1)).encode(), NDJSON, 400, 413)


@attack
def a_table_of_labels(target: Target) -> None:
    rows = "".join(f"{number},l{number}\n" for number in range(200_000))
    check_refused(target.ask("POST", "/tasks", files={"file": ("a.csv", f"x,y\n{rows}".encode())}, data={
        "name": "hostile", "target": "y", "problem": "multiclass"}), 400, 413)


@attack
def workbooks_that_multiply(target: Target) -> None:
    sheet = ('<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
             '<dimension ref="A1:XFD1048576"/><sheetData>%s</sheetData></worksheet>')
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'
    laughs = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)) + "]>"
    for content in (sheet % far, sheet % ("<row/>" * 300_000), sheet % ('<row r="1"><c t="inlineStr"><is><t>'
                    + "x" * (24 * _MIB) + "</t></is></c></row>"), laughs + sheet % "&j;"):
        _everywhere(target, _workbook(content), {
            "Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}, 400, 413)


def _workbook(sheet: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    return zipped(
        ("[Content_Types].xml", f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
         'ContentType="application/xml"/></Types>'.encode()),
        ("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{rels}"><sheets><sheet name="a" sheetId="1" r:id="r1"/>'
         '</sheets></workbook>'.encode()),
        ("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
         f'Type="{rels}/worksheet" Target="worksheets/a.xml"/></Relationships>'.encode()),
        ("xl/worksheets/a.xml", sheet.encode()))


@attack
def columnar_files_that_lie(target: Target) -> None:
    for content in _lying_columnar():
        _everywhere(target, content, PARQUET, 400, 413)


def _lying_columnar() -> Iterator[bytes]:
    """Bytes changed in what says how much there is; gigabytes of texts in some kilobytes."""
    file = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]}), file)
    parquet = file.getvalue()
    for length in (2**31 - 1, 2**32 - 1, len(parquet) * 2, 0):
        yield parquet[:-8] + struct.pack("<I", length) + b"PAR1"
    yield parquet[:len(parquet) // 2] + b"\xff" * 64 + parquet[len(parquet) // 2 + 64:]
    file = io.BytesIO()
    with pa.ipc.new_file(file, pa.schema({"a": pa.int64()})) as writer:
        writer.write_batch(pa.record_batch({"a": [1, 2, 3]}))
    arrow = file.getvalue()
    for length in (2**31 - 1, 2**32 - 1, 0):
        yield arrow[:-10] + struct.pack("<I", length) + arrow[-6:]
    # A text of 10 MB that stands there once, for thousands of rows.
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 4_000, pa.int32()), ["x" * 10_000_000])
    for how, rows in (({}, 4_000), ({"use_dictionary": False, "column_encoding": "DELTA_BYTE_ARRAY"}, 20)):
        file = io.BytesIO()
        held = texts if not how else texts.slice(0, rows).dictionary_decode()
        pq.write_table(pa.table({"a": held}), file, compression="zstd", store_schema=False, **how)
        yield file.getvalue()
    file = io.BytesIO()
    with pa.ipc.new_file(file, pa.schema({"a": texts.type})) as writer:
        writer.write_batch(pa.record_batch({"a": texts}))
    yield file.getvalue()


@attack
def rows_of_a_stranger(target: Target) -> None:
    """What is sound is answered beside all that is not."""
    content = b"\n".join([json.dumps(ROW).encode()] * 10)
    assert target.ask("POST", "/forward_batch?task=small", content=content, headers=NDJSON).json()["count"] == 10
    assert make_table(TASK, 1).n_rows == 1 and csv_of(1, 1)
