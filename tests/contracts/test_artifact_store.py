from __future__ import annotations

import errno
import io
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.files.artifact_store import FilesArtifactStore
from application.ports.artifact_store import ArtifactExists, ArtifactInfo, ArtifactsFull, UnknownArtifact, UnsafePath
from tests.contracts.processes import start_process
from tests.fakes.artifact_store import InMemoryArtifactStore

UNSAFE = [
    "", "/", "/a", "../a", "a/../b", "a/..", ".", "./a", "a//b", "a/", "a\\b", "a\0b", "a\nb", "a:b", "a*", "x" * 201,
]


@pytest.fixture(params=["memory", "files", pytest.param("obstore", marks=pytest.mark.s3)])
def store(request, tmp_path):
    if request.param == "memory":
        return InMemoryArtifactStore()
    if request.param == "files":
        return FilesArtifactStore(tmp_path / "store")
    return s3_store(request)


def s3_store(request):
    module = pytest.importorskip("adapters.obstore.artifact_store", reason="obstore is not installed")
    return module.ObstoreArtifactStore(
        f"s3://progon-tests/{uuid4().hex}/artifacts", endpoint=request.getfixturevalue("s3_endpoint"),
        access_key_id="any", secret_access_key="any", region="us-east-1", client_options={"allow_http": True})


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_content_comes_back_whole(store, size):
    content = os.urandom(size)
    store.put("1/model.onnx", io.BytesIO(content))
    assert store.read("1/model.onnx") == content
    told, pieces = store.open("1/model.onnx", chunk_bytes=1 << 20)
    assert told == size
    assert b"".join(pieces) == content
    assert store.list("1") == [ArtifactInfo("1/model.onnx", size)]


def test_a_large_content_is_streamed_in_pieces(store):
    store.put("1/model.onnx", io.BytesIO(bytes(5_000_000)))
    pieces = list(store.open("1/model.onnx", chunk_bytes=100_000)[1])
    assert len(pieces) > 1
    assert all(type(piece) is bytes for piece in pieces)


def test_an_opened_artifact_need_not_be_read(store):
    store.put("1/log.txt", io.BytesIO(b"text"))
    size, _ = store.open("1/log.txt")
    assert size == 4


def test_what_exists_stays(store):
    store.put("1/a", io.BytesIO(b"first"))
    with pytest.raises(ArtifactExists):
        store.put("1/a", io.BytesIO(b"second"))
    assert store.read("1/a") == b"first"
    assert store.list("1") == [ArtifactInfo("1/a", 5)]


@pytest.mark.parametrize("round_", range(5))
def test_of_concurrent_puts_exactly_one_wins(store, round_):
    barrier = threading.Barrier(4)

    def put(writer: int) -> int | None:
        barrier.wait()
        try:
            store.put("1/model.onnx", io.BytesIO(bytes([writer]) * 50_000))
            return writer
        except ArtifactExists:
            return None

    with ThreadPoolExecutor(4) as pool:
        winners = [writer for writer in pool.map(put, range(4)) if writer is not None]
    assert len(winners) == 1
    assert store.read("1/model.onnx") == bytes(winners) * 50_000


class HeldContent(io.BytesIO):
    """Gives its first half, then waits until it is told to go on."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.half_given, self.go_on = threading.Event(), threading.Event()

    def read(self, size: int = -1) -> bytes:
        if self.tell():
            self.half_given.set()
            assert self.go_on.wait(10)
        return super().read(len(self.getvalue()) // 2)


def test_a_reader_never_sees_half(store):
    content = HeldContent(os.urandom(3_000_000))
    with ThreadPoolExecutor(1) as pool:
        put = pool.submit(store.put, "1/model.onnx", content)
        assert content.half_given.wait(10)
        with pytest.raises(UnknownArtifact):
            store.read("1/model.onnx")
        with pytest.raises(UnknownArtifact):
            store.open("1/model.onnx")
        assert store.list("1") == []
        content.go_on.set()
        put.result(10)
    assert store.read("1/model.onnx") == content.getvalue()


def test_a_read_during_a_put_is_nothing_or_all(store):
    content = os.urandom(2_000_000)
    with ThreadPoolExecutor(1) as pool:
        put = pool.submit(store.put, "1/model.onnx", io.BytesIO(content))
        while not put.done():
            assert read_or_none(store, "1/model.onnx") in (None, content)
            assert store.list("1") in ([], [ArtifactInfo("1/model.onnx", len(content))])
        put.result()


def read_or_none(store, path: str) -> bytes | None:
    try:
        return store.read(path)
    except UnknownArtifact:
        return None


class BrokenContent(io.BytesIO):
    def read(self, size: int = -1) -> bytes:
        if self.tell():
            raise RuntimeError("the upload broke off")
        return super().read(len(self.getvalue()) // 2)


def test_content_that_breaks_off_leaves_nothing(store):
    with pytest.raises(RuntimeError, match="broke off"):
        store.put("1/model.onnx", BrokenContent(bytes(3_000_000)))
    assert store.list("1") == []
    with pytest.raises(UnknownArtifact):
        store.read("1/model.onnx")
    store.put("1/model.onnx", io.BytesIO(b"again"))
    assert store.read("1/model.onnx") == b"again"


@pytest.mark.parametrize("path", ["1/nothing", "nothing", "1/model.onnx/below", "1"])
def test_an_unknown_artifact(store, path):
    store.put("1/model.onnx", io.BytesIO(b"model"))
    with pytest.raises(UnknownArtifact):
        store.read(path)
    with pytest.raises(UnknownArtifact):
        store.open(path)


def test_list_takes_a_folder_and_answers_by_path(store):
    for path in ["a/bc", "a/b/2", "a/b/10", "a/b/c/d", "a/b.txt", "b/b/1"]:
        store.put(path, io.BytesIO(path.encode()))
    assert [info.path for info in store.list("a/b")] == ["a/b/10", "a/b/2", "a/b/c/d"]
    assert [info.path for info in store.list("a")] == ["a/b.txt", "a/b/10", "a/b/2", "a/b/c/d", "a/bc"]
    assert [info.size_bytes for info in store.list("b")] == [5]
    assert list(store.list("nothing")) == list(store.list("a/bc")) == []


@pytest.mark.parametrize("path", UNSAFE)
def test_an_unsafe_path_is_refused_by_every_method(store, path):
    for call in (store.read, store.open, store.list, lambda path: store.put(path, io.BytesIO(b"x"))):
        with pytest.raises(UnsafePath):
            call(path)


@pytest.mark.parametrize("path", ["данные/отчёт 50%.txt", "模型/é.onnx", "a#b/c{d}~+&=@,;'.txt", ".hidden", "a/b /c"])
def test_names_come_back_as_they_went_in(store, path):
    store.put(path, io.BytesIO(b"x"))
    assert store.read(path) == b"x"
    if "/" in path:
        assert store.list(path.rpartition("/")[0]) == [ArtifactInfo(path, 1)]


def test_a_name_too_long_for_the_store_is_unsafe(store):
    path = "/".join(["ю" * 190] * 4)
    try:
        store.put(path, io.BytesIO(b"x"))
        assert store.read(path) == b"x"
    except UnsafePath:
        for call in (store.read, store.open):
            with pytest.raises((UnsafePath, UnknownArtifact)):
                call(path)


@pytest.mark.parametrize(("first", "second"), [("a", "a/b"), ("a/b", "a")])
def test_a_name_that_is_file_and_folder_is_stored_or_a_conflict(store, first, second):
    store.put(first, io.BytesIO(b"first"))
    try:
        store.put(second, io.BytesIO(b"second"))
        assert store.read(second) == b"second"
    except ArtifactExists:
        pass
    assert store.read(first) == b"first"


def test_a_sweep_leaves_alone_what_is_whole_or_being_written(store):
    assert store.sweep() == 0, "of a store that is empty"
    store.put("1/a", io.BytesIO(b"whole"))
    content = HeldContent(os.urandom(3_000_000))
    with ThreadPoolExecutor(1) as pool:
        put = pool.submit(store.put, "1/model.onnx", content)
        assert content.half_given.wait(10)
        assert store.sweep() == 0
        content.go_on.set()
        put.result(10)
    assert store.sweep() == 0
    assert (store.read("1/a"), store.read("1/model.onnx")) == (b"whole", content.getvalue())


class TestFiles:
    """What only a folder can do wrong."""

    @pytest.fixture
    def root(self, tmp_path):
        return tmp_path / "store"

    def test_links_are_not_followed(self, root, tmp_path):
        store = FilesArtifactStore(root)
        store.put("1/a", io.BytesIO(b"a"))
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside" / "secret").write_bytes(b"secret")
        (root / "1" / "file").symlink_to(tmp_path / "outside" / "secret")
        (root / "1" / "folder").symlink_to(tmp_path / "outside")
        (root / "1" / "loop").symlink_to("loop")
        assert [info.path for info in store.list("1")] == ["1/a"]
        for path in ("1/file", "1/folder/secret", "1/folder/new", "1/loop"):
            for call in (store.read, store.open, lambda path: store.put(path, io.BytesIO(b"x"))):
                with pytest.raises(UnsafePath):
                    call(path)
        assert os.listdir(tmp_path / "outside") == ["secret"]

    def test_the_root_itself_may_be_a_link(self, root, tmp_path):
        (tmp_path / "real").mkdir()
        root.symlink_to(tmp_path / "real")
        FilesArtifactStore(root).put("1/a", io.BytesIO(b"a"))
        assert (tmp_path / "real" / "1" / "a").read_bytes() == b"a"

    def test_nothing_unfinished_stays_behind_or_is_listed(self, root):
        store = FilesArtifactStore(root)
        with pytest.raises(RuntimeError):
            store.put("1/a", BrokenContent(bytes(3_000_000)))
        assert os.listdir(root) == []
        content = HeldContent(bytes(3_000_000))
        with ThreadPoolExecutor(1) as pool:
            put = pool.submit(store.put, "1/a", content)
            assert content.half_given.wait(10)
            [unfinished] = os.listdir(root)
            with pytest.raises(UnsafePath):
                store.read(unfinished)
            content.go_on.set()
            put.result(10)
        assert os.listdir(root) == ["1"]

    def test_others_may_read_what_the_umask_allows(self, root):
        FilesArtifactStore(root).put("1/a", io.BytesIO(b"a"))
        umask = os.umask(0)
        os.umask(umask)
        assert (root / "1" / "a").stat().st_mode & 0o777 == 0o666 & ~umask

    def test_two_stores_over_one_folder_agree(self, root):
        FilesArtifactStore(root).put("1/a", io.BytesIO(b"a"))
        with pytest.raises(ArtifactExists):
            FilesArtifactStore(root).put("1/a", io.BytesIO(b"b"))

    def test_what_a_killed_writer_left_goes_after_an_hour_of_silence(self, root):
        store = FilesArtifactStore(root)
        store.put("1/a", io.BytesIO(b"a"))
        process = start_process(write_until_killed, str(root))
        with process:
            assert process.stdout.readline() == "half\n"
            os.kill(process.pid, signal.SIGKILL)
        [left] = root.glob(":*")
        assert left.stat().st_size > 0 and store.sweep() == 0
        for age_s, swept in ((3_500, 0), (3_700, 1), (0, 0)):
            if left.exists():
                os.utime(left, (time.time() - age_s,) * 2)
            assert store.sweep() == swept
        assert os.listdir(root) == ["1"]
        os.utime(root / "1" / "a", (0, 0))
        assert store.sweep() == 0 and store.read("1/a") == b"a", "old, and whole"


def write_until_killed(root: str) -> None:
    class Half(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            if self.tell():
                print("half", flush=True)
                signal.pause()
            return super().read(2_000_000)

    FilesArtifactStore(Path(root)).put("1/model.onnx", Half(bytes(4_000_000)))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch, number):
    store = FilesArtifactStore(tmp_path)

    def without_room(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as full, pytest.raises(ArtifactsFull, match="no room"):
        full.setattr(os, "fsync", without_room)
        store.put("a/b", io.BytesIO(b"x"))
    assert store.list("a") == [] and list(tmp_path.iterdir()) == []
    store.put("a/b", io.BytesIO(b"x"))
