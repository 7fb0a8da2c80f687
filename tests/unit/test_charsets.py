"""Charsets of texts that do not say them."""
from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from entrypoints.formats.charsets import Utf8Stream, charset_of, guessed

RUSSIAN = "имя;город;ответ\nИванов;Москва;да\nпетрова;НОВГОРОД;нет\n"
GERMAN = "name;stadt\nMüller;Köln\nWeiß;Düsseldorf\nGenève;5 €\n".replace("Genève", "Jena")


@pytest.mark.parametrize(("text", "charset"), [
    (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (RUSSIAN, "cp866"), (RUSSIAN, "iso8859-5"), (GERMAN, "cp1252"),
    ("город,y\nОмск,1\n", "cp1251"), ("x,цвет\n1,красный\n2,синий\n", "cp1251"), ("drink\ncafé\nthé\n", "cp1252"),
    ("ГОРОД\nМОСКВА\nКАЗАНЬ\n", "cp1251"), ("imię\nŁukasz\nŚwiętosława\nżółw\n", "cp1250")])
def test_one_that_is_clear(text, charset):
    assert charset_of(io.BytesIO(text.encode(charset)), None) == charset


@pytest.mark.parametrize("content", [
    "Lefèvre".encode("cp1252"), "São Paulo".encode("cp1252"), "şehir".encode("cp1254"), b"\xff\xff", b"K\x94ln"])
def test_one_that_could_be_two_or_none(content):
    assert guessed(content) is None
    assert charset_of(io.BytesIO(b"a,b\n" + content + b",1\n"), None) == "utf-8"


def test_utf8_with_a_few_bytes_that_are_not_stays_utf8():
    assert charset_of(io.BytesIO("имя,город\nИванов,Омск\n".encode() * 50 + b"caf\xe9,x\n"), None) == "utf-8"


@pytest.mark.parametrize("charset", ["cp1251", "utf-16-le", "utf-16", "shift_jis"])
@pytest.mark.parametrize("size", [1, 3, 1 << 20])
def test_a_text_as_utf8(charset, size):
    text = RUSSIAN * 100
    stream = Utf8Stream(io.BytesIO(text.encode(charset)), charset)
    assert b"".join(iter(lambda: stream.read(size), b"")).decode() == text


def test_what_the_charset_has_not_is_named_by_its_line():
    with pytest.raises(InvalidInput, match="line 2: the byte 0x98 is not cp1251"):
        Utf8Stream(io.BytesIO(b"a\n\x98\n"), "cp1251").read(100)


@given(st.binary(max_size=200))
def test_any_bytes_have_a_charset_or_are_bad_input(content):
    try:
        charset = charset_of(io.BytesIO(content), None)
        Utf8Stream(io.BytesIO(content), charset).read(1 << 20)
    except InvalidInput:
        pass


def test_a_line_without_end_is_looked_at_once():
    """What is looked at grows as the text does, not as its square."""
    class Noted:
        def __init__(self) -> None:
            self.left, self.longest = 40, 0

        def read(self, size: int = -1, /) -> bytes:
            self.left -= 1
            return "ж".encode() * (size // 2) if self.left >= 0 else b""

    assert charset_of(Noted(), None) == "utf-8"
