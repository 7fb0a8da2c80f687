"""The stages of a run, as its workspace has them."""
from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import yaml

# What the definition has in front of a file of the code.
_CODE = "${code}/"


def write_stages(definition: Path, workspace: Path) -> None:
    """Writes dvc.yaml, and beside it for each stage one file with the digests of the code that it runs, on which it
    depends in the place of the code's own files. DVC takes some milliseconds for each file that a stage depends on,
    several times in a run; of hundreds of them that is most of the time of a small training.

    definition: the dvc.yaml that names the files, beside their folders. Raises: OSError if one is not there.
    """
    document = yaml.safe_load(definition.read_text(encoding="utf-8"))
    (workspace / "code").mkdir(exist_ok=True)
    for name, stage in document["stages"].items():
        files = [path.removeprefix(_CODE) for path in stage["deps"] if path.startswith(_CODE)]
        digests = Path("code") / f"{name}.sha256"
        (workspace / digests).write_text(_digests(definition.parent, files), encoding="utf-8")
        stage["deps"] = [path for path in stage["deps"] if not path.startswith(_CODE)] + [str(digests)]
    (workspace / "dvc.yaml").write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _digests(folder: Path, files: Sequence[str]) -> str:
    """As sha256sum writes and checks them."""
    return "".join(f"{sha256((folder / file).read_bytes()).hexdigest()}  {file}\n" for file in files)
