from __future__ import annotations

import io
import zipfile

import pytest

from adapters.archive.file_archive import ZipFileArchive
from application.ports.picture_archive import ArchiveLimits
from domain.errors import InvalidInput, TooLarge
from tests.fakes.file_archive import WholeFileArchive


@pytest.fixture(params=[WholeFileArchive(), ZipFileArchive()], ids=lambda archive: type(archive).__name__)
def archive(request):
    return request.param


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as written:
        for name, data in files.items():
            written.writestr(name, data)
    content.seek(0)
    return content


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_are_named_and_opened(archive, method):
    stream = zipped({"b/rows.csv": b"a,b\n1,2\n", "a.txt": b"x" * 100_000, "b/": b""}, method)
    assert archive.names(stream) == ("b/rows.csv", "a.txt")
    for _ in range(2):
        with archive.open(stream, "b/rows.csv") as file:
            assert (file.read(3), file.read(), file.read(5)) == (b"a,b", b"\n1,2\n", b"")
    assert archive.open(stream, "a.txt").read() == b"x" * 100_000
    assert not stream.closed


def test_what_is_left_behind_does_not_count(archive):
    assert archive.names(zipped({"__MACOSX/._a.csv": b"x", ".hidden": b"x", "a.csv": b"y"})) == ("a.csv",)
    assert archive.names(zipped({})) == ()


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"a,b\n1,2\n", zipped({"a": b"1" * 1000}).getvalue()[:60]],
                         ids=["nothing", "a mark alone", "a CSV", "cut off"])
def test_what_is_no_archive(archive, content):
    with pytest.raises(InvalidInput):
        archive.names(io.BytesIO(content))


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "a.csv.gz"])
def test_files_that_nobody_may_unpack(archive, name):
    with pytest.raises(InvalidInput):
        archive.names(zipped({name: b"x"}))


@pytest.mark.parametrize("limits", [
    ArchiveLimits(max_members=1), ArchiveLimits(max_member_bytes=3), ArchiveLimits(max_total_bytes=5)])
def test_limits(archive, limits):
    stream = zipped({"a.csv": b"1234", "b.csv": b"12"})
    assert len(archive.names(stream)) == 2
    with pytest.raises(TooLarge):
        archive.names(stream, limits)
    with pytest.raises(TooLarge):
        archive.open(stream, "a.csv", limits)


def test_a_damaged_file(archive):
    content = bytearray(zipped({"a.csv": b"one,two,three\n"}, zipfile.ZIP_STORED).getvalue())
    content[content.index(b"two")] ^= 1
    with pytest.raises(InvalidInput):
        archive.open(io.BytesIO(content), "a.csv").read()
