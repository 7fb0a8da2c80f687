from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from obstore.exceptions import AlreadyExistsError
from obstore.store import from_url

from application.ports.artifact_store import ArtifactExists, ArtifactInfo, ArtifactStore, UnknownArtifact, UnsafePath
from domain.paths import is_safe

if TYPE_CHECKING:
    from obstore import GetResult

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_MAX_KEY_BYTES = 1024


class ObstoreArtifactStore(ArtifactStore):
    """url: s3://bucket/prefix. What `options` leaves open obstore takes from the usual AWS_* environment."""

    def __init__(self, url: str, **options: Any) -> None:
        self._store = from_url(url, **options)

    def put(self, path: str, content: BinaryIO) -> None:
        key = self._key(path)
        # A create-only put is one request of known length, so the content is read first; nothing is sent if that fails.
        data = b"".join(iter(lambda: content.read(1 << 20), b""))
        try:
            self._store.put(key, data, mode="create")
        except AlreadyExistsError as failure:
            raise ArtifactExists(f"{path} is there already") from failure

    def read(self, path: str) -> bytes:
        return bytes(self._get(path).bytes())

    def open(self, path: str, chunk_bytes: int = 1 << 20) -> tuple[int, Iterator[bytes]]:
        found = self._get(path)
        return found.meta["size"], map(bytes, found.stream(min_chunk_size=chunk_bytes))

    def list(self, prefix: str) -> Sequence[ArtifactInfo]:
        pages = self._store.list(self._key(prefix))
        found = [ArtifactInfo(entry["path"], entry["size"]) for page in pages for entry in page]
        return sorted(found, key=lambda info: info.path)

    def sweep(self) -> int:
        """A put is one request, which is done or not."""
        return 0

    def _get(self, path: str) -> GetResult:
        try:
            return self._store.get(self._key(path))
        except FileNotFoundError as failure:
            raise UnknownArtifact(f"there is no artifact {path}") from failure

    def _key(self, path: str) -> str:
        return key_of(self._store, path)


def key_of(store: object, path: str) -> str:
    """Raises: UnsafePath."""
    if not is_safe(path):
        raise UnsafePath(f"{path!r} is not a plain relative path")
    # Stores that are no cloud's have none.
    prefix = getattr(store, "prefix", None) or ""
    if len(f"{prefix}/{path}".encode()) > _MAX_KEY_BYTES:
        raise UnsafePath(f"{path[:40]!r}... is too long for this store")
    return path
