from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import uuid_utils

from application.ports.clock import Clock


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> str:
        return str(uuid_utils.uuid7())

    def sleep(self, duration: timedelta) -> None:
        time.sleep(duration.total_seconds())
