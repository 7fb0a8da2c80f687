"""Python's collector of garbage, kept from holding up answers.

A full collection looks at every object of the process, 130 to 320 ms for a service that is loaded, and holds up all
answers meanwhile. What a service has once it is loaded stays, so the collector need never look at it again.
"""
from __future__ import annotations

import gc

# Objects made before the young are looked at, and how often the older are: several times the usual ones, as an answer
# leaves no cycles behind.
THRESHOLDS = (5_000, 20, 50)


def settle() -> None:
    """To be called once all is loaded, and when something was loaded anew: what is alive now is not looked at again,
    what comes later is. Dead objects that hold each other are freed before, but for those that were settled
    by an earlier call: a model that was replaced goes by its references."""
    gc.set_threshold(*THRESHOLDS)
    gc.collect()
    gc.freeze()
