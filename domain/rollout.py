"""A candidate beside what serves: it answers a share of the requests, or is asked in silence."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class RolloutRole(StrEnum):
    """SHADOW: it is asked what the callers ask, and its answers are kept, not given. CANARY: it answers a share of the
    callers."""

    SHADOW = "shadow"
    CANARY = "canary"


@dataclass(frozen=True, slots=True)
class Rollout:
    """share: of the requests, above 0 and at most 1; of a canary below 1. by: the column whose value decides who is
    answered by the candidate, None where each request is for itself. threshold: as of a Deployment. since: when it
    began."""

    experiment_id: int
    role: RolloutRole
    share: float
    since: datetime
    by: str | None = None
    threshold: float | None = None

    def after(self, before: Rollout | None) -> Rollout:
        """This one, as what goes on of the one before where the same model is tried in the same way."""
        goes_on = before is not None and (before.experiment_id, before.role, before.threshold) == (
            self.experiment_id, self.role, self.threshold)
        return replace(self, since=before.since) if before is not None and goes_on else self

    def takes(self, key: str) -> bool:
        """Whether this key is among the share. One that is stays so while the share grows, whoever answers, on which
        machine ever: evenly spread by a digest of the key and the experiment."""
        digest = hashlib.blake2b(f"{self.experiment_id}\0{key}".encode(errors="surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest) < self.share * 2**64
