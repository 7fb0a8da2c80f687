"""The contract of the port ArtifactRemover, over the store whose files it removes."""
from __future__ import annotations

import io
from uuid import uuid4

import pytest

from adapters.files.artifact_remover import FilesArtifactRemover
from adapters.files.artifact_store import FilesArtifactStore
from application.ports.artifact_store import ArtifactInfo, UnknownArtifact, UnsafePath
from tests.contracts.test_artifact_store import UNSAFE
from tests.fakes.artifact_remover import InMemoryArtifactRemover
from tests.fakes.artifact_store import InMemoryArtifactStore


@pytest.fixture(params=["memory", "files", pytest.param("obstore", marks=pytest.mark.s3)])
def world(request, tmp_path):
    """(a store, its remover)"""
    if request.param == "memory":
        store = InMemoryArtifactStore()
        return store, InMemoryArtifactRemover(store)
    if request.param == "files":
        return FilesArtifactStore(tmp_path / "store"), FilesArtifactRemover(tmp_path / "store")
    stores = pytest.importorskip("adapters.obstore.artifact_store", reason="obstore is not installed")
    removers = pytest.importorskip("adapters.obstore.artifact_remover")
    where = f"s3://progon-tests/{uuid4().hex}/artifacts"
    options = {"endpoint": request.getfixturevalue("s3_endpoint"), "access_key_id": "any", "secret_access_key": "any",
               "region": "us-east-1", "client_options": {"allow_http": True}}
    return stores.ObstoreArtifactStore(where, **options), removers.ObstoreArtifactRemover(where, **options)


def test_a_folder_is_removed_and_its_neighbours_stay(world):
    store, remover = world
    for path in ("1/a", "1/plots/b", "10/a", "2/a"):
        store.put(path, io.BytesIO(b"x"))
    remover.remove("1")
    assert list(store.list("1")) == [] and list(store.list("10")) == [ArtifactInfo("10/a", 1)]
    with pytest.raises(UnknownArtifact):
        store.read("1/plots/b")
    remover.remove("1")
    remover.remove("never")
    store.put("1/a", io.BytesIO(b"new"))
    assert store.read("1/a") == b"new" and store.read("2/a") == b"x"


@pytest.mark.parametrize("path", UNSAFE)
def test_nothing_unsafe_is_removed(world, path):
    with pytest.raises(UnsafePath):
        world[1].remove(path)


def test_no_link_is_followed(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").write_bytes(b"x")
    (tmp_path / "store" / "1").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafePath):
        FilesArtifactRemover(tmp_path / "store").remove("1")
    assert (tmp_path / "elsewhere" / "kept").read_bytes() == b"x"
