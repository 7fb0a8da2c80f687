from __future__ import annotations

import msgspec

from application.use_cases.create_key import KeyWish
from entrypoints.answers.keys import CreatedKeyAnswer, KeyAnswer, KeysAnswer
from entrypoints.commands.abilities.keys import Keys
from entrypoints.commands.there.of_service import OfService


class KeysThere(OfService, Keys):
    def keys(self) -> KeysAnswer:
        return self._service.ask(KeysAnswer, "GET", "/keys")

    def create_key(self, wish: KeyWish) -> CreatedKeyAnswer:
        return self._service.ask(CreatedKeyAnswer, "POST", "/keys", content=msgspec.json.encode(wish),
                                 headers={"Content-Type": "application/json"})

    def revoke_key(self, key_id: int) -> KeyAnswer:
        return self._service.ask(KeyAnswer, "DELETE", f"/keys/{key_id}")
