"""Tables as they come: packed, of any charset and separator, workbooks and NDJSON, on every route that takes one."""
from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from entrypoints.formats.packing import zstd
from tests.builders import CARRIER, DISTANCE, ENGINE, LATE, TEMP, make_table, make_task, text_cells
from tests.http.files import cells_of, csv_of, send, send_form
from tests.http.problems import check_problem, faults
from tests.workbooks import with_sheet, workbook

ROWS = 40
ROUTES = [("/forward_batch", "POST"), ("/evaluate", "POST"), ("/add_data", "PUT"), ("/datasets/flights/check", "POST")]
XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def table():
    return make_table(make_task(), ROWS)


@pytest.fixture
def content(table) -> bytes:
    return csv_of(table)


def zipped(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return written.getvalue()


def typed(table) -> list[dict[str, object]]:
    rows = zip(*(column.tolist() for column in table.columns.values()), strict=True)
    return [{name: None if value != value or value == "" else value for name, value in zip(table.columns, row)}
            for row in rows]


def as_ndjson(table) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in typed(table)).encode()


def as_workbook(table) -> bytes:
    return workbook(Рейсы=[list(table.columns), *(list(row.values()) for row in typed(table))])


def as_parquet(table) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(typed(table)), written)
    return written.getvalue()


def as_arrow(table) -> bytes:
    written, arrow = io.BytesIO(), pa.Table.from_pylist(typed(table))
    with pa.ipc.new_stream(written, arrow.schema) as writer:
        writer.write_table(arrow)
    return written.getvalue()


PACKED = {
    "gzip": gzip.compress, "zstd": zstd.compress, "zip": lambda data: zipped(rows__csv=data),
    "two gzips": lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:]),
    "zip of any name": lambda data: zipped(data=data), "gzip of gzip": lambda data: gzip.compress(gzip.compress(data)),
}


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize(("path", "method"), ROUTES)
@pytest.mark.parametrize("post", [send, send_form])
def test_a_packed_table(service, content, pack, path, method, post):
    answer = post(service, path, pack(content), method=method)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["read"]["packed"] and body["read"]["charset"] == "utf-8"
    assert {body.get("count"), body.get("rows_added"), body.get("rows")} == {None, ROWS}


@pytest.mark.parametrize("write", [as_workbook, as_ndjson, lambda table: zipped(a__xlsx=as_workbook(table)),
                                   lambda table: gzip.compress(as_workbook(table)),
                                   lambda table: zstd.compress(as_ndjson(table)), lambda table: as_parquet(table),
                                   lambda table: as_arrow(table), lambda table: zipped(a__parquet=as_parquet(table))])
@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_typed_cells_are_what_their_texts_are(service, table, content, write, path, method):
    answer = send(service, path, write(table), XLSX, method)
    assert answer.status_code == 200, answer.text
    body, plain = answer.json(), send(service, path, content, method=method).json()
    assert body["read"]["format"] in ("xlsx", "ndjson", "parquet", "arrow") and body["read"]["sheet"] in (None, "Рейсы")
    ignored = {"request_id", "read", "duplicate", "rows_added"}
    assert {name: value for name, value in body.items() if name not in ignored} == {
        name: value for name, value in plain.items() if name not in ignored}


def test_a_csv_answer_to_typed_cells(service, table, content):
    plain = send(service, "/forward_batch", content, {"Accept": "text/csv"})
    typed_answer = send(service, "/forward_batch", as_ndjson(table), NDJSON | {"Accept": "text/csv"})
    assert json.loads(typed_answer.headers["x-read"])["format"] == "ndjson"
    got, expected = cells_of(typed_answer.content), cells_of(plain.content)
    assert list(got) == list(expected) and got["prediction"] == expected["prediction"]


@pytest.mark.parametrize(("charset", "bom"), [
    ("utf-16", ""), ("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"), ("utf-8-sig", ""), ("utf-32", "")])
def test_a_charset_that_a_mark_tells(service, content, charset, bom):
    body = send(service, "/evaluate", (bom + content.decode()).encode(charset)).json()
    assert body["count"] == ROWS and body["read"]["charset"] == charset.removesuffix("-sig")[:6].rstrip("-")


@pytest.mark.parametrize("charset", ["cp1251", "koi8-r", "utf-16-le", "cp866"])
@pytest.mark.parametrize("form", [False, True])
def test_a_charset_that_is_declared(service, content, charset, form):
    encoded, kind = content.decode().encode(charset), f'text/csv; charset="{charset}"'
    answer = (service.client.post("/evaluate", files={"file": ("a.csv", encoded, kind)}) if form
              else send(service, "/evaluate", encoded, {"Content-Type": kind}))
    assert (answer.status_code, answer.json().get("read", {}).get("charset")) == (200, charset), answer.text
    assert answer.json()["metrics"] == send(service, "/evaluate", content).json()["metrics"]


@pytest.mark.parametrize(("charset", "rows"), [
    ("cp1251", "Россия,Аэрофлот,Сибирь"), ("koi8-r", "Россия,Аэрофлот,Сибирь"), ("cp1252", "Zürich,Genève,Köln")])
def test_a_charset_that_is_found_out(empty, charset, rows):
    lines = "".join(f"{n},{rows.split(',')[n % 3]},{'yes' if n % 2 else 'no'}\n" for n in range(30))
    files = {"file": ("a.csv", f"x,place,y\n{lines}".encode(charset))}
    answer = empty.client.post("/tasks", files=files, data={"name": "a", "target": "y"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["read"]["charset"] == charset


def test_a_charset_that_could_be_two_is_asked_for(empty):
    content = "x,y\nLefèvre,a\nDupont,b\n".encode("cp1252") * 1
    answer = empty.client.post("/tasks", files={"file": content}, data={"name": "a", "target": "y"})
    assert faults(check_problem(answer, 400)).keys() == {"row 1"}
    assert "declare its charset" in answer.json()["detail"]
    declared = {"file": ("a.csv", content + b"x,a\nz,b\n", "text/csv; charset=windows-1252")}
    assert empty.client.post("/tasks", files=declared, data={"name": "a", "target": "y"}).status_code == 200


@pytest.mark.parametrize("charset", ["nonsense", "base64", "idna", "utf-7", "unicode_escape", "\u00e9"])
def test_a_charset_that_is_none(service, content, charset):
    body = check_problem(send(service, "/evaluate", content, {
        "Content-Type": f"text/csv; charset={charset}".encode()}), 400)
    assert list(faults(body)) == ["charset"]


def test_bytes_that_the_declared_charset_has_not(service, content):
    body = check_problem(send(service, "/evaluate", content, {"Content-Type": "text/csv; charset=ascii"}), 400)
    assert list(faults(body)) == ["file, line 1"]


def test_the_line_of_excel_that_says_the_separator(service, table):
    sent = b"sep=;\r\n" + csv_of(table, ";").replace(b"\n", b"\r\n")
    assert send(service, "/evaluate", sent).json()["read"]["separator"] == ";"


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress, lambda data: zipped(a__csv=data)])
@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_a_bomb_is_refused(service, content, pack, path, method):
    service.container.settings.override(replace(service.container.settings(), max_body_bytes=1 << 20))
    bomb = pack(content + b"\n" * (64 << 20))
    assert len(bomb) < 1 << 20
    check_problem(send(service, path, bomb, method=method), 413)


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress, lambda data: zipped(a__csv=data)])
def test_a_packed_file_that_is_damaged(service, content, pack):
    packed = pack(content * 3)
    for broken in (packed[:len(packed) // 2], packed[:40] + b"\x55" * 20 + packed[60:]):
        check_problem(send(service, "/evaluate", broken), 400)


def test_a_zip_of_several_tables_is_refused_by_their_names(service, content):
    body = check_problem(send(service, "/evaluate", zipped(a__csv=content, b__csv=content)), 400)
    assert "a.csv, b.csv" in body["detail"]
    told = send(service, "/evaluate", zipped(a__csv=content, readme__txt=b"hello")).json()["read"]
    assert told["left_out"] == ["file readme.txt"]


@pytest.mark.parametrize(("start", "said"), [
    (b"PAR1", "damaged"), (b"ARROW1\0\0", "damaged"), (b"%PDF-1.7", "PDF"), (b"\xd0\xcf\x11\xe0\xa1\xb1", "XLSX"),
    (b"[{\"a\": 1}]", "NDJSON"), (b"BZh9", "bzip2")])
def test_what_is_known_and_not_read_is_named(service, start, said):
    assert said in check_problem(send(service, "/evaluate", start + b"\0" * 100), 400)["detail"]


def test_several_sheets(service, table):
    rows = [list(table.columns), *(list(row.values()) for row in typed(table))]
    told = send(service, "/evaluate", workbook(Empty=[], Rows=rows, Notes=[["x"]])).json()["read"]
    assert (told["sheet"], told["left_out"]) == ("Rows", ["sheet Notes"])


def test_a_workbook_of_two_cells_in_its_corners(service, table):
    xml = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    check_problem(send(service, "/evaluate", with_sheet(as_workbook(table), xml)), 413)


def test_a_blank_row_between_others_is_a_row(service, table):
    """As in a CSV; those above and below are the sheet's margin."""
    blank = [None] * len(table.columns)
    rows = [list(row.values()) for row in typed(table)]
    book = workbook(Rows=[[], list(table.columns), *rows[:3], blank, blank, *rows[3:], blank])
    found = faults(check_problem(send(service, "/forward_batch", book, XLSX), 400))
    assert {where.partition(",")[0] for where in found} == {"row 4", "row 5"}  # some columns here want a value


def test_faults_of_a_workbook_and_of_ndjson_are_told_by_row(service, table):
    rows = [list(table.columns), *(list(row.values()) for row in typed(table))]
    rows[3][list(table.columns).index(TEMP)] = "warm"
    body = check_problem(send(service, "/evaluate", workbook(Rows=rows)), 400)
    assert faults(body) == {f"row 3, column {TEMP}": 'expected a number, got "warm"'}
    lines = as_ndjson(table).splitlines(keepends=True)
    first = json.loads(lines[0])
    lines[4:6] = [json.dumps(first | {TEMP: "39"}).encode() + b"\n",
                  json.dumps({name: first[name] for name in first if name != LATE} | {"z": 1}).encode() + b"\n"]
    lines[7:9] = [b"{broken\n", b"[1]\n"]
    found = faults(check_problem(send(service, "/evaluate", b"".join(lines), NDJSON), 400))
    assert set(found) >= {f"row 6, column {LATE}", "row 6, column z", "row 8", "row 9"}
    found = faults(check_problem(send(service, "/evaluate", b"".join(lines[:5]), NDJSON), 400))
    assert found == {f"row 5, column {TEMP}": 'expected a number, got "39"'}


# --- Content-Encoding

def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


ENCODINGS = [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", raw_deflate),
             ("zstd", zstd.compress), ("identity", bytes),
             ("gzip, zstd", lambda data: zstd.compress(gzip.compress(data)))]


@pytest.mark.parametrize(("name", "pack"), ENCODINGS)
def test_a_body_that_was_packed_on_its_way(service, table, content, name, pack):
    assert send(service, "/evaluate", pack(content), {"Content-Encoding": name}).json()["count"] == ROWS
    row = json.dumps(typed(table)[0]).encode()
    answer = service.client.post("/forward", content=pack(row), headers={
        "Content-Type": "application/json", "Content-Encoding": name})
    assert answer.status_code == 200, answer.text
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
    form = head + content + b"\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Encoding": name}
    assert send(service, "/evaluate", pack(form), headers).json()["count"] == ROWS


@pytest.mark.parametrize("name", ["br", "compress", "gzip, br", "gzip, gzip, gzip"])
def test_an_encoding_that_is_not_known_is_named(service, content, name):
    body = check_problem(send(service, "/evaluate", content, {"Content-Encoding": name}), 400)
    assert "gzip, deflate, zstd" in body["detail"] or "2 are allowed" in body["detail"]


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, zstd.compress])
def test_a_bomb_on_its_way(service, pack):
    name = {gzip.compress: "gzip", zlib.compress: "deflate"}.get(pack, "zstd")
    bomb = pack(b"[" * (64 << 20))
    answer = service.client.post("/forward", content=bomb, headers={
        "Content-Type": "application/json", "Content-Encoding": name})
    check_problem(answer, 413)
    cut_off = pack(b'{"a": 1}')[:-4]
    check_problem(service.client.post("/forward", content=cut_off, headers={
        "Content-Type": "application/json", "Content-Encoding": name}), 400)


# --- what people leave in a file

@pytest.mark.parametrize(("change", "left_out"), [
    (lambda lines: [line + b"," for line in lines], 1), (lambda lines: [line + b",,," for line in lines], 3),
    (lambda lines: [lines[0] + b",,"] + lines[1:], 2),
    (lambda lines: lines[:1] + [line + b"," for line in lines[1:]], 1),
    (lambda lines: [b"," + line if row == 0 else b"%d,%s" % (row, line) for row, line in enumerate(lines)], 1)])
def test_columns_without_name_and_value(service, content, change, left_out):
    body = send(service, "/evaluate", b"\n".join(change(content.splitlines()))).json()
    assert body["count"] == ROWS and len(body["read"]["left_out"]) == left_out


def test_columns_without_name_and_value_of_a_new_task(empty):
    content = "x,,k,y,\n" + "".join(f"{n / 2},,{'ab'[n % 2]},{n % 2},\n" for n in range(30))
    body = empty.client.post("/tasks", files={"file": content.encode()}, data={"name": "a", "target": "y"}).json()
    assert [column["name"] for column in body["columns"]] == ["x", "k", "y"]
    assert [column["why"] for column in body["inferred"]["columns"] if not column["name"]] == [
        "left out: column 2, which has no name", "left out: column 5, which has no name"]
    faulty = {"file": content.replace("3.0,,", "3.0,9,").encode()}
    answer = empty.client.post("/tasks", files=faulty, data={"name": "b", "target": "y"})
    assert list(faults(check_problem(answer, 400))) == ["row 7"]


@pytest.mark.parametrize(("change", "where"), [
    (lambda lines: lines[:6] + lines[:1] + lines[6:], "row 6"), (lambda lines: ["Sales of 2024", *lines], "line 1"),
    (lambda lines: ["Sales of 2024", "", *lines], "line 1"), (lambda lines: ["Sales,,", *lines], "row 1"),
    (lambda lines: [lines[0], "kg,,°C", *lines[1:]], "row 1"),
    (lambda lines: [lines[0], "kg,text,°C", *lines[1:]], "row 1"),
    (lambda lines: [*lines[:5], lines[5] + ",1", *lines[6:]], "row 5"),
    (lambda lines: [*lines[:5], "," + lines[5].rpartition(",")[0], *lines[6:]], "row 5"),
    (lambda lines: [*lines[:5], lines[5].partition(",")[2] + ",", *lines[6:]], "row 5")])
def test_rows_that_are_none_are_refused(empty, change, where):
    lines = ["x,k,y", *(f"{n / 2},{'ab'[n % 2]},{n * 1.5}" for n in range(30))]
    content = "\n".join(change(lines)).encode()
    answer = empty.client.post("/tasks", files={"file": content}, data={"name": "a", "target": "y"})
    assert list(faults(check_problem(answer, 400)))[0] == where, answer.text


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_our_own_answers_are_taken_back(service, table, content, path, method):
    answered = send(service, "/evaluate", content, {"Accept": "text/csv"}).content
    answer = send(service, path, answered, method=method)
    assert answer.status_code == 200, answer.text
    assert answer.json()["passed_over"] == ["prediction", "probability_0", "probability_1"]
    other = answered.replace(b"probability_1", b"probability_2")
    assert faults(check_problem(send(service, path, other, method=method), 400)) == {
        "column probability_2": "is unknown"}


# --- a frame, written in every form

FORMS = {
    "csv": lambda frame: frame.to_csv(index=False).encode(), "with an index": lambda frame: frame.to_csv().encode(),
    "semicolons": lambda frame: frame.to_csv(index=False, sep=";").encode("utf-16"),
    "xlsx": lambda frame: _excel(frame),
    "gzip": lambda frame: gzip.compress(frame.to_csv(index=False, sep="\t").encode()),
    "parquet": lambda frame: _parquet(frame), "parquet with an index": lambda frame: _parquet(frame.sample(frac=1)),
    "ndjson": lambda frame: frame.to_json(orient="records", lines=True, force_ascii=False).encode(),
}


def _parquet(frame: pd.DataFrame) -> bytes:
    written = io.BytesIO()
    frame.sort_index().to_parquet(written)
    return written.getvalue()


def _excel(frame: pd.DataFrame) -> bytes:
    written = io.BytesIO()
    frame.to_excel(written, index=False)
    return written.getvalue()


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("seed", range(3))
def test_a_frame_of_pandas_comes_back_equal(empty, form, seed):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "вес, кг": random.normal(size=60).round(3), "шт": random.integers(0, 50, 60),
        "город": random.choice(["Омск", 'a "quoted", one', "é; b"], 60),
        "код": random.choice(["00501", "0x1", "7"], 60),
        "y": random.integers(0, 2, 60)})
    frame.loc[random.choice(60, 5), "вес, кг"] = np.nan
    answer = empty.client.post("/tasks", files={"file": form(frame)}, data={"name": "a", "target": "y"})
    assert answer.status_code == 200, answer.text
    stored = next(iter(empty.store.read(empty.tasks.get("a"), 1)))
    np.testing.assert_allclose(stored["вес, кг"].astype(float), frame["вес, кг"], rtol=1e-6)
    np.testing.assert_array_equal(stored["шт"], frame["шт"])
    assert stored["город"].tolist() == frame["город"].tolist() and stored["код"].tolist() == frame["код"].tolist()
    assert stored["y"].tolist() == frame["y"].astype(str).tolist()


# --- typed columns out

COLUMNAR = {"application/vnd.apache.parquet": lambda content: pq.read_table(io.BytesIO(content)),
            "application/vnd.apache.arrow.stream": lambda content: pa.ipc.open_stream(content).read_all()}


@pytest.mark.parametrize("kind", COLUMNAR)
@pytest.mark.parametrize("path", ["/forward_batch", "/evaluate"])
def test_an_answer_of_typed_columns(service, table, kind, path):
    answer = send(service, path, as_parquet(table), {"Accept": kind})
    assert answer.status_code == 200 and answer.headers["content-type"] == kind
    found, expected = COLUMNAR[kind](answer.content), send(service, path, as_parquet(table)).json()
    assert found.column_names == [*table.columns, "prediction", "probability_0", "probability_1"]
    assert found["prediction"].to_pylist() == expected["predictions"]
    np.testing.assert_allclose(found["probability_1"].to_numpy(), expected["probabilities"]["1"])
    assert found.schema.field(TEMP).type == pa.float64() and found.schema.field(LATE).type == pa.string()
    assert send(service, path, answer.content).json()["predictions"] == expected["predictions"]


def test_texts_come_back_as_what_they_were_read_as(service, table, content):
    answer = send(service, "/forward_batch", content, {"Accept": "application/vnd.apache.parquet"})
    found = pq.read_table(io.BytesIO(answer.content))
    np.testing.assert_array_equal(found[TEMP].to_numpy(), table[TEMP])
    assert found[ENGINE].to_pylist() == [text or None for text in table[ENGINE]]
    assert found[LATE].to_pylist() == cells_of(content)[LATE]


@pytest.mark.parametrize("form", ["csv", "parquet", "arrow"])
def test_a_version_is_given_back_and_taken_again(service, table, form):
    send(service, "/add_data", csv_of(table), method="PUT")
    send(service, "/add_data", csv_of(make_table(make_task(), 10, seed=3)), method="PUT")
    answer = service.client.get(f"/datasets/flights/rows?version=1&format={form}")
    assert answer.status_code == 200 and f"flights.{form}" in answer.headers["content-disposition"]
    again = send(service, "/datasets/flights/check", answer.content)
    # A private column is kept back, and this one may not be missing.
    assert list(faults(check_problem(again, 400)))[0] == f"row 1, column {DISTANCE}"
    newest = service.client.get("/datasets/flights/rows", headers={"Accept": "application/vnd.apache.parquet"})
    found = pq.read_table(io.BytesIO(newest.content))
    assert found.num_rows == ROWS + 10 and found[DISTANCE].null_count + np.isnan(found[DISTANCE]).sum() == ROWS + 10
    np.testing.assert_array_equal(found[TEMP].to_numpy()[:ROWS], table[TEMP])


@pytest.mark.parametrize(("query", "status"), [
    ("?format=xml", 400), ("?version=7", 404), ("?version=0", 400), ("?colour=red", 400)])
def test_rows_that_cannot_be_had(service, table, query, status):
    send(service, "/add_data", csv_of(table), method="PUT")
    check_problem(service.client.get(f"/datasets/flights/rows{query}"), status)


def test_a_task_of_a_parquet_file(empty):
    frame = pd.DataFrame({"x": np.arange(40) / 4, "on": [True, False] * 20, "city": ["Омск", "Тула"] * 20,
                          "y": ["a", "b"] * 20})
    answer = empty.client.post("/tasks", files={"file": _parquet(frame)}, data={"name": "a", "target": "y"})
    assert answer.status_code == 200, answer.text
    assert {column.name: str(column.type) for column in empty.tasks.get("a").schema.columns} == {
        "x": "number", "on": "boolean", "city": "category", "y": "category"}


# --- values that the model has never seen


@pytest.mark.parametrize(("path", "method"), [("/forward_batch", "POST"), ("/evaluate", "POST"),
                                              ("/datasets/flights/check", "POST")])
def test_a_column_of_which_nothing_is_known_is_told(service, table, monkeypatch, path, method):
    card = service.container.serving_models().current("flights").runner.card
    monkeypatch.setitem(card.metadata, "categories", json.dumps({CARRIER: ["UA", "AA"], ENGINE: []}))
    cells = csv_of(text_cells(table) | {CARRIER: ["UA", "ZZ"] * (ROWS // 2), ENGINE: ["none of them"] * ROWS})
    answer = send(service, path, cells, method=method)
    assert answer.json()["unseen"] == {ENGINE: 1.0, CARRIER: 0.5}
    if path != "/datasets/flights/check":
        told = send(service, path, cells, {"Accept": "text/csv"}, method=method).headers["X-Unseen"]
        assert json.loads(told) == {ENGINE: 1.0, CARRIER: 0.5}
