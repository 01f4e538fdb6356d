"""Text that somebody else wrote, made safe to show, store and quote: headlines, people's notes, model answers."""

import re
import unicodedata

#: Control, format (zero width, bidi, tags), surrogate, private and unassigned characters carry no text for a reader.
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
#: Invisible characters of other categories: variation selectors, Hangul fillers, the joiner, the blank of Braille.
_INVISIBLE = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u115f\u1160\u3164\uffa0\u034f\u2800]")
_COMBINING_RUN = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def sanitise(text: str, limit: int) -> str:
    """One line of visible text: NFKC, no invisible characters, single spaces, at most `limit` characters."""
    visible = "".join(_shown(character) for character in unicodedata.normalize("NFKC", text))
    tamed = _COMBINING_RUN.sub(r"\1", _INVISIBLE.sub("", visible))
    line = " ".join(tamed.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def storable(text: str) -> str:
    """`text` with the characters that neither UTF-8 nor Postgres can hold (NUL, lone surrogates) spelled out."""
    return _UNSTORABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _shown(character: str) -> str:
    if character in "\t\n\r\v\f\x85":
        return " "
    return "" if unicodedata.category(character) in _UNWANTED else character
