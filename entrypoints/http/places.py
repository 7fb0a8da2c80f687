"""Places in the prediction log and moments, as clients write them."""
from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from application.ports.prediction_store import Place
from domain.errors import Fault, InvalidInput

_RowNo = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
_NO_PLACE = "is none that an answer gave as `next`"


def write_place(place: Place) -> str:
    content = msgspec.json.encode([place.created_at.isoformat(), place.entry_id, place.row_no])
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def read_place(text: str | None) -> Place | None:
    """Raises: InvalidInput."""
    if text is None:
        return None
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        moment, entry_id, row_no = msgspec.json.decode(content, type=tuple[datetime, str, _RowNo])
        return Place(in_utc("before", moment), entry_id, row_no)
    except (ValueError, msgspec.MsgspecError, InvalidInput) as failure:
        raise InvalidInput(f"before {_NO_PLACE}", [Fault("before", _NO_PLACE)]) from failure


def in_utc(where: str, moment: datetime) -> datetime:
    """Without a zone it is UTC already. Raises: InvalidInput at the ends of the calendar."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as failure:
        raise InvalidInput(f"{where} is out of the calendar", [Fault(where, "is out of the calendar")]) from failure
