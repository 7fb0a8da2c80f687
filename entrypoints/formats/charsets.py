"""The charset of a text, and the text as UTF-8."""
from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterable, Iterator, Mapping

from application.ports.csv_codec import Readable
from domain.cells import describe
from domain.errors import Fault, InvalidInput

UTF_8 = "utf-8"
_BOMS = {codecs.BOM_UTF8: UTF_8, codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
         codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_PIECE_BYTES = 1 << 20
# No table that is read has so long a line, so one may be cut anywhere.
_LINE_BYTES = 4 << 20
# Of the lines that are more than ASCII; more of them tell no more.
_SAMPLE_BYTES = 1 << 16
# They are ways to write any text, and some of them take minutes for a long one.
_NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7", "mbcs", "oem"}


def checked_charset(said: str) -> str:
    """Its usual name. Raises: InvalidInput for a charset that is not known."""
    try:
        name = codecs.lookup(said.strip()).name
        b" ".decode(name, "replace")
    except (LookupError, ValueError) as failure:
        raise _unknown(said) from failure
    if name in _NO_CHARSETS:
        raise _unknown(said)
    return name


def _unknown(said: str) -> InvalidInput:
    problem = f"the charset {describe(said)} is not known; utf-8, windows-1251 and iso-8859-1 are some that are"
    return InvalidInput(problem, [Fault("charset", problem)])


def charset_of(stream: Readable, said: str | None) -> str:
    """Of a text that is read to its end. What the text begins with counts for more than what is said of it.

    UTF-8 also where a few bytes are not: whoever reads it on names them.
    """
    piece = stream.read(_PIECE_BYTES)
    if found := next((charset for bom, charset in _BOMS.items() if piece.startswith(bom)), None):
        return _checked_mark(found, piece)
    return checked_charset(said) if said else _Look(piece, stream).charset()


def _checked_mark(charset: str, piece: bytes) -> str:
    """Raises: InvalidInput where the mark is a slip: every table has some ASCII, if only the ends of its lines."""
    if charset != UTF_8 and not any(character.isascii() for character in piece.decode(charset, "ignore")):
        problem = f"begins like {charset} and goes on as something else: save it as UTF-8"
        raise InvalidInput(f"the file {problem}", [Fault("file", problem)])
    return charset


class _Look:
    """One pass over a text without a mark."""

    def __init__(self, first: bytes, stream: Readable) -> None:
        self._first, self._stream = first, stream
        self._letters, self._broken, self._sample = 0, 0, bytearray()

    def charset(self) -> str:
        for piece in self._pieces():
            if not piece.isascii():
                self._add(piece)
        if not self._broken or self._letters >= self._broken:
            return UTF_8
        return guessed(bytes(self._sample)) or UTF_8

    def _pieces(self) -> Iterator[bytes]:
        """Cut at the ends of lines, where there are any near enough."""
        piece, rest = self._first, b""
        while piece:
            whole, end, rest = (rest + piece).rpartition(b"\n")
            yield whole + end
            if len(rest) > _LINE_BYTES:
                yield rest
                rest = b""
            piece = self._stream.read(_PIECE_BYTES)
        yield rest

    def _add(self, piece: bytes) -> None:
        try:
            self._letters += len(piece) - len(piece.decode())
        except UnicodeDecodeError:
            for line in piece.splitlines(keepends=True):
                self._add_line(line)

    def _add_line(self, line: bytes) -> None:
        """Other charsets make a letter of UTF-8 now and then."""
        if line.isascii():
            return
        text = line.decode(errors="replace")
        broken = text.count("\ufffd")
        self._broken += broken
        self._letters += sum(not character.isascii() for character in text) - broken
        if len(self._sample) < _SAMPLE_BYTES:
            self._sample += line[:_SAMPLE_BYTES]


# --- which one, where nothing says it

# The first of those that read the text alike is the one that is told.
_CANDIDATES = ("cp1252", "cp1250", "cp1254", "cp1257", "cp1251", "koi8-r", "cp866", "iso8859-5")
_MARKS = frozenset("«»“”„–—•№€£¥°§©®™×·½¼¾²³±µ\u00a0")
_MARKS_IN_WORDS = frozenset("’")
# Letters beyond a to z, one language in each.
_LATIN = (
    "àâæçéèêëîïôœùûüÿ", "äöüß", "áéíñóúü", "áâãàçéêíóôõú", "àèéìòù", "åäöé", "æøåé", "ëïéèöü", "áðéíóúýþæö",
    "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž", "çğıİöşüâîû",
    "ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")
_CYRILLIC = (
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "абвгдеёжзійклмнопрстуўфхцчшыьэюя")
_ALPHABETS = [frozenset(alphabet + alphabet.upper()) for alphabet in (*_LATIN, *_CYRILLIC)]
# Of a hundred letters of Russian so many; its neighbours come close enough to tell one charset from another.
_FREQUENT = dict(zip("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", (
    10.97, 8.45, 8.01, 7.35, 6.7, 6.26, 5.47, 4.73, 4.54, 4.4, 3.49, 3.21, 2.98, 2.81, 2.62, 2.01, 1.9, 1.74, 1.7, 1.65,
    1.59, 1.44, 1.21, 0.97, 0.94, 0.73, 0.64, 0.48, 0.36, 0.32, 0.26, 0.04, 0.04), strict=True))
_WORD = re.compile(r"[^\W\d_]+")
# So many times as likely as the next one, as a logarithm.
_CLEARLY = 5.0
# As likely before anything is read.
_USUAL = {"cp1251": 3.0}
# Of what charset-normalizer takes for a sign of the wrong charset, so much may be there: cells are no prose.
_MESS = 0.4


def guessed(sample: bytes) -> str | None:
    """The charset of some lines that are no UTF-8; None where two could be meant, or none."""
    readings: dict[str, str] = {}
    for charset in _CANDIDATES:
        try:
            text = sample.decode(charset)
        except UnicodeDecodeError:
            continue
        if text not in readings and _makes_sense(text):
            readings[text] = charset
    found = _likeliest(readings)
    return found if found and _is_read_by_others(sample, found) else None


def _makes_sense(text: str) -> bool:
    """All letters are of one alphabet, and every word is written small, large or with a capital."""
    letters = {letter for letter in text if letter.isalpha() and not letter.isascii()}
    others = {mark for mark in text if not mark.isascii()} - letters
    if not others <= _MARKS | _MARKS_IN_WORDS or not any(letters <= alphabet for alphabet in _ALPHABETS):
        return False
    words = [word for word in set(_WORD.findall(text)) if not word.isascii()]
    if _is_cyrillic(letters) and any(re.search("[A-Za-z]", word) for word in words):
        return False
    if re.search(rf"[^\W\d_][{''.join(_MARKS - set('°·–—'))}][^\W\d_]", text):
        return False
    return all(word.islower() or word.isupper() or word[1:].islower() for word in words)


def _is_cyrillic(letters: Iterable[str]) -> bool:
    return any("\u0400" <= letter <= "\u04ff" for letter in letters)


def _likeliest(readings: Mapping[str, str]) -> str | None:
    """Of several, only Cyrillic ones can be told apart: a reading by the wrong charset has the rare letters."""
    if len(readings) < 2:
        return next(iter(readings.values()), None)
    if not all(map(_is_cyrillic, readings)):
        return None
    ranked = [(_likelihood(text) + _USUAL.get(charset, 0.0), charset) for text, charset in readings.items()]
    first, second = sorted(ranked, reverse=True)[:2]
    return first[1] if first[0] - second[0] >= _CLEARLY else None


def _likelihood(text: str) -> float:
    letters = "".join(sorted({word.lower() for word in _WORD.findall(text) if _is_cyrillic(word)}))
    return sum(math.log(_FREQUENT.get(letter, 0.1) / 100) for letter in letters)


def _is_read_by_others(sample: bytes, charset: str) -> bool:
    """A second opinion: whether it looks like a text at all."""
    from charset_normalizer import from_bytes
    return bool(from_bytes(sample, cp_isolation=[charset], threshold=_MESS))


# --- as UTF-8


class Utf8Stream:
    """A text of another charset. Raises: InvalidInput naming the line that is not of it."""

    def __init__(self, stream: Readable, charset: str) -> None:
        self._stream, self._charset = stream, charset
        self._decoder = codecs.getincrementaldecoder(charset)()
        self._ready, self._lines, self._ended = b"", 1, False

    def read(self, size: int = -1, /) -> bytes:
        while not self._ended and not self._ready:
            self._decode(self._stream.read(_PIECE_BYTES if size < 0 else size))
        if size < 0:
            rest = b"".join(iter(lambda: self.read(_PIECE_BYTES), b""))
            return rest
        piece, self._ready = self._ready[:size], self._ready[size:]
        return piece

    def _decode(self, piece: bytes) -> None:
        self._ended = not piece
        try:
            text = self._decoder.decode(piece, self._ended)
        except UnicodeError as failure:
            raise self._broken(failure) from failure
        self._lines += text.count("\n")
        self._ready = text.encode(errors="surrogatepass")

    def _broken(self, failure: UnicodeError) -> InvalidInput:
        line, where = self._lines, ""
        if isinstance(failure, UnicodeDecodeError) and failure.start < len(failure.object):
            line += failure.object[:failure.start].count(b"\n")
            where = f"the byte 0x{failure.object[failure.start]:02X} "
        what = where or "what stands here "
        problem = f"{what}is not {self._charset}: declare the charset that it is, or save it as UTF-8"
        return InvalidInput(f"line {line}: {problem}", [Fault(f"file, line {line}", problem)])
