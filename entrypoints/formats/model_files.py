"""Models of other makers as they come: an ONNX file, or a zip with an MLflow model folder of the ONNX flavour."""
from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO

from application.ports.file_archive import FileArchive
from application.ports.model_wrapper import ModelSource
from application.ports.picture_archive import ArchiveLimits
from domain.errors import Fault, InvalidInput, TooLarge
from entrypoints.formats.documents import parse_document
from entrypoints.formats.unpacked import ZIP

_DESCRIPTION = "MLmodel"


class ModelFiles:
    """max_bytes: of a model, all that lies beside it included."""

    def __init__(self, archive: FileArchive, limits: ArchiveLimits, max_bytes: int) -> None:
        self._archive, self._max_bytes = archive, max_bytes
        self._limits = replace(limits, max_member_bytes=max_bytes, max_total_bytes=max_bytes)

    def read(self, file: BinaryIO) -> tuple[bytes, str, ModelSource]:
        """Returns: the file as it came, what to call it, and the model in it. Raises: InvalidInput, TooLarge."""
        file.seek(0)
        content = file.read(self._max_bytes + 1)
        if len(content) > self._max_bytes:
            raise TooLarge(f"the model has more than the {self._max_bytes >> 20} MB allowed")
        if not content:
            raise _refused("is empty")
        if content.startswith(ZIP):
            return content, "source.zip", self._of_mlflow(file)
        return content, "source.onnx", ModelSource(content)

    def _of_mlflow(self, file: BinaryIO) -> ModelSource:
        """Weights that lie in files of their own come with the model."""
        names = self._archive.names(file, self._limits)
        found = [name for name in names if PurePosixPath(name).name == _DESCRIPTION]
        if len(found) != 1:
            raise _refused(f"is a zip with {len(found)} files MLmodel: send ONNX, or the folder of one MLflow model")
        folder = PurePosixPath(found[0]).parent
        path = str(folder / _onnx_of(self._whole(file, found[0])))
        if path not in names:
            raise _refused(f"names {path} in its MLmodel, which is not in the zip")
        beside = {str(PurePosixPath(name).relative_to(PurePosixPath(path).parent)): self._whole(file, name)
                  for name in names if name != path and PurePosixPath(path).parent in PurePosixPath(name).parents}
        return ModelSource(self._whole(file, path), beside)

    def _whole(self, file: BinaryIO, name: str) -> bytes:
        with self._archive.open(file, name, self._limits) as member:
            return member.read()


def _onnx_of(description: bytes) -> str:
    document = parse_document(description, _DESCRIPTION)
    flavors = document.get("flavors") if isinstance(document, dict) else None
    onnx = flavors.get("onnx") if isinstance(flavors, dict) else None
    if not isinstance(onnx, dict) or not isinstance(onnx.get("data"), str):
        known = ", ".join(map(str, flavors)) if isinstance(flavors, dict) else "none"
        raise _refused(f"is an MLflow model without the flavour onnx (it has {known}): log it by mlflow.onnx")
    data: str = onnx["data"]
    return data


def _refused(problem: str) -> InvalidInput:
    return InvalidInput(f"the file {problem}", [Fault("file", problem)])
