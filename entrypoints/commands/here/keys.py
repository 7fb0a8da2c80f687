from __future__ import annotations

from application.use_cases.create_key import KeyWish
from domain.api_key import Right
from entrypoints.answers.keys import CallerAnswer, CreatedKeyAnswer, KeyAnswer, KeysAnswer
from entrypoints.commands.abilities.keys import Keys
from entrypoints.commands.here.of_home import OfHome
from entrypoints.commands.shell import user
from entrypoints.wiring import get, ports


class KeysHere(OfHome, Keys):
    def keys(self) -> KeysAnswer:
        return KeysAnswer.of(ports.keyring(self._container).all())

    def caller(self) -> CallerAnswer:
        """Whoever may write to this HOME may do all."""
        return CallerAnswer.of(user(), Right, ())

    def create_key(self, wish: KeyWish) -> CreatedKeyAnswer:
        return CreatedKeyAnswer.of(get.create_key(self._container).execute(wish, user()))

    def revoke_key(self, key_id: int) -> KeyAnswer:
        return KeyAnswer.of(get.revoke_key(self._container).execute(key_id))
