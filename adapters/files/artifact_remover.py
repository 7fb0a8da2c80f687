from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from adapters.files.artifact_store import file_of
from application.ports.artifact_remover import ArtifactRemover


class FilesArtifactRemover(ArtifactRemover):
    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))

    def remove(self, prefix: str) -> None:
        # Another that removes it too may be faster.
        with suppress(FileNotFoundError, NotADirectoryError):
            shutil.rmtree(file_of(self._root, prefix))
