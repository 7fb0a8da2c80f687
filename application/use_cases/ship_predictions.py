"""From the spool to the table."""
from __future__ import annotations

from collections.abc import Sequence

from application.ports.prediction_spool import PredictionSpool, SpooledRows
from application.ports.prediction_store import PredictionStore, UnstorableRows
from application.ports.telemetry import Telemetry
from application.serving.wanted import to_its_end

# Or those of one entry, if it has more. Everybody else who writes waits while they are added; to commit them, and to
# let go of them, are each one piece of work, which keeps a processor for a millisecond.
ROWS_AT_ONCE = 500


class ShipPredictions:
    """Moves what waits in the spool into the prediction log's table, each row once. A row leaves the spool only when
    the table has it for good, so an outage of the database loses nothing and can be tried again at any time.
    """

    def __init__(self, spool: PredictionSpool, store: PredictionStore, telemetry: Telemetry) -> None:
        self._spool, self._store, self._telemetry = spool, store, telemetry

    def execute(self) -> int:
        """Returns: rows moved; about ROWS_AT_ONCE of them, less when no more wait. Raises: what the spool and
        the store raise."""
        entries = self._spool.pending(ROWS_AT_ONCE)
        try:
            lost_rows = self._add(entries)
            self._spool.shipped()
            # What is given again is not lost twice.
            self._telemetry.log_state(lost_rows=lost_rows)
        finally:
            with to_its_end():
                self._telemetry.log_state(backlog_rows=self._spool.backlog_rows(), torn=self._spool.torn())
        return sum(entry.rows.n_rows for entry in entries)

    def _add(self, entries: Sequence[SpooledRows]) -> int:
        """All but what no store could hold, which must not keep back what stands behind it. Returns: rows of that."""
        try:
            self._store.add(entries)
        except UnstorableRows:
            if len(entries) == 1:
                return entries[0].rows.n_rows
            return sum(self._add(half) for half in (entries[:len(entries) // 2], entries[len(entries) // 2:]))
        return 0
