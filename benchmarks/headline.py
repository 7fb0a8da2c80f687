"""A figure of ours beside the same figure of what people use: what a benchmark returns for the table at the end."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Headline:
    """ours, peer: both in `unit`. peer_name: what it is that was measured beside ours."""

    what: str
    unit: str
    ours: float
    peer_name: str
    peer: float
    more_is_better: bool = False

    @property
    def times_better(self) -> float:
        """Below 1 is worse than the peer."""
        return self.ours / self.peer if self.more_is_better else self.peer / self.ours


_ROW = "{:<15} {:<44} {:>10} {:>10}  {:<9} {:>7}  {}"


def table(found: Sequence[tuple[str, Headline]]) -> str:
    """Of the benchmarks by name, a line for each figure."""
    lines = [_ROW.format("benchmark", "what", "ours", "peer", "unit", "better", "the peer").rstrip()]
    lines += [_ROW.format(name, one.what, _short(one.ours), _short(one.peer), one.unit, f"{one.times_better:.2f}x",
                          one.peer_name) for name, one in found]
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
