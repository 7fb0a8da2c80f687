from __future__ import annotations

import msgspec

from application.use_cases.create_key import KeyWish
from entrypoints.answers.keys import CallerAnswer, CreatedKeyAnswer, KeyAnswer, KeysAnswer
from entrypoints.commands.abilities.keys import Keys
from entrypoints.commands.there.connection import JSON
from entrypoints.commands.there.of_service import OfService


class KeysThere(OfService, Keys):
    def keys(self) -> KeysAnswer:
        return self._service.ask(KeysAnswer, "GET", "/keys")

    def caller(self) -> CallerAnswer:
        return self._service.ask(CallerAnswer, "GET", "/caller")

    def create_key(self, wish: KeyWish) -> CreatedKeyAnswer:
        return self._service.ask(CreatedKeyAnswer, "POST", "/keys", content=msgspec.json.encode(wish), headers=JSON)

    def revoke_key(self, key_id: int) -> KeyAnswer:
        return self._service.ask(KeyAnswer, "DELETE", f"/keys/{key_id}")
