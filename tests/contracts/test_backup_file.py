"""The contract of the port BackupFile."""
from __future__ import annotations

import tarfile

import pytest

from adapters.tar.backup_file import TarBackupFile
from application.ports.backup_file import DamagedBackup
from tests.fakes.backup_file import InMemoryBackupFile

FILES = {"head.json": b"{}", "a/empty": b"", "a/большой": bytes(range(256)) * 20_000}


@pytest.fixture(params=[InMemoryBackupFile, TarBackupFile])
def backup(request):
    return request.param()


@pytest.fixture
def saved(backup, tmp_path):
    path = tmp_path / "my backup"
    with backup.create(path) as writer:
        for name, content in FILES.items():
            writer.add(name, len(content), [content[:1000], content[1000:]] if content else [])
    return path


def read(backup, path) -> dict[str, bytes]:
    return {piece.path: b"".join(piece.content) for piece in backup.read(path)}


def test_what_was_added_comes_back_in_its_order(backup, saved):
    assert list(read(backup, saved).items()) == list(FILES.items())
    assert {piece.path: piece.size_bytes for piece in backup.read(saved)} == {
        name: len(content) for name, content in FILES.items()}


def test_there_is_no_file_before_its_end(backup, tmp_path):
    path = tmp_path / "backup"
    with pytest.raises(ZeroDivisionError):
        with backup.create(path) as writer:
            writer.add("a", 1, [b"a"])
            assert not path.exists()
            raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_two_at_once_do_not_take_each_others_away(backup, tmp_path):
    path = tmp_path / "backup"
    with backup.create(path) as first:
        first.add("a", 1, [b"a"])
        with pytest.raises(ZeroDivisionError):
            with backup.create(path):
                raise ZeroDivisionError
    assert read(backup, path) == {"a": b"a"}


def test_what_is_no_backup_is_told(backup, tmp_path):
    for content in (b"", b"x,y\n1,2\n", b"\x1f\x8b\x08\x00"):
        path = tmp_path / "other"
        path.write_bytes(content)
        with pytest.raises(DamagedBackup):
            list(backup.read(path))


# Of the file itself.

@pytest.fixture
def tar(tmp_path):
    path = tmp_path / "backup.tar.gz"
    with TarBackupFile().create(path) as writer:
        writer.add("a", 3, [b"abc"])
        writer.add("b", 5_000, [bytes(range(250)) * 20])
    return path


def test_others_can_look_into_it_and_only_its_owner_may_read_it(tar):
    with tarfile.open(tar) as archive:
        assert archive.getnames() == ["a", "b", "sha256.json"]
    assert tar.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_one_that_was_cut_off_is_told(tar, part):
    content = tar.read_bytes()
    tar.write_bytes(content[:int(len(content) * part)])
    with pytest.raises(DamagedBackup):
        list(TarBackupFile().read(tar))


def test_another_byte_in_a_file_is_told_by_its_name(tar, tmp_path):
    with tarfile.open(tar) as archive:
        archive.extractall(tmp_path / "out", filter="data")
    (tmp_path / "out" / "a").write_bytes(b"abd")
    with tarfile.open(tar, "w:gz") as archive:
        for name in ("a", "b", "sha256.json"):
            archive.add(tmp_path / "out" / name, name)
    with pytest.raises(DamagedBackup, match="a is not what was saved"):
        list(TarBackupFile().read(tar))
