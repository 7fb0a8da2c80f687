from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.tensorboard.events import record, scalar_event, version_event
from application.ports.curve_writer import CurveWriter


class TensorboardCurveWriter(CurveWriter):
    """A run for each of `train` and `valid`, so that TensorBoard draws them in one plot."""

    def write(self, curve: Sequence[Mapping[str, float]], loss: str, folder: Path) -> None:
        for part in ("train", "valid"):
            events = [version_event(), *(
                scalar_event(loss, int(entry["iteration"]), entry[part]) for entry in curve)]
            (folder / part).mkdir(parents=True, exist_ok=True)
            (folder / part / "events.out.tfevents.0").write_bytes(b"".join(map(record, events)))
