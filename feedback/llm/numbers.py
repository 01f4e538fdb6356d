"""The numbers that a sentence states, Korean or English, with the rounding its digits imply."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["plain", "percent", "minutes"]
Sign = Literal["+", "-", ""]

_PERCENT = {"%": 1.0, "%p": 1.0, "퍼센트": 1.0, "percent": 1.0, "per cent": 1.0, "bp": 0.01, "bps": 0.01}
_MINUTES = {
    **dict.fromkeys(("초", "s", "sec", "secs", "second", "seconds"), 1 / 60),
    **dict.fromkeys(("분", "분봉", "m", "min", "mins", "minute", "minutes"), 1.0),
    **dict.fromkeys(("시간", "h", "hr", "hrs", "hour", "hours"), 60.0),
    **dict.fromkeys(("일", "일간", "d", "day", "days"), 1440.0),
    **dict.fromkeys(("주", "주간", "week", "weeks"), 10_080.0),
}
_SCALE = {"k": 1e3, "K": 1e3, "thousand": 1e3, "M": 1e6, "million": 1e6, "bn": 1e9, "B": 1e9, "billion": 1e9}
_KOREAN_SCALE = {"조": 1e12, "억": 1e8, "만": 1e4, "천": 1e3, "백": 1e2}

#: Digits that are no statement about the account: dates, times of day, ids, ordinals, list numbers.
_MASKED = re.compile(
    r"""(?<!\d)(?:\d{4}-)?\d{2}-\d{2}[T\s]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?Z?
      | (?<!\d)(?:19|20)\d{2}-\d{1,2}(?:-\d{1,2})?(?!\d) | (?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)
      | \d{4}년 | \d{1,2}월(?:\s?\d{1,2}일)? | \d{1,2}시(?!간) | \b[0-9a-f]{8}-[0-9a-f-]{27}\b
      | \#\d+ | \b\d+(?:st|nd|rd|th)\b | \d+(?:위|번째|등급) | ^\s*\d{1,2}[.)]\s""",
    re.VERBOSE,
)
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_WORD_UNITS = "|".join(sorted({*_PERCENT, *_MINUTES, *_SCALE} - {"%", "%p"}, key=len, reverse=True))
_NUMBER = re.compile(
    rf"""(?P<sign>(?<![\w)%])[+-]\s?)?(?:US\$|[$₩€])?(?P<inner>-)?(?<![A-Za-z0-9_.,/])
      (?: (?P<korean>(?:{_DIGITS}\s?[조억만천백]\s?)+(?:{_DIGITS}(?![\d.]))?)
        | (?P<digits>{_DIGITS})(?:(?P<percent>\s?%p?)|\s?-?(?P<unit>{_WORD_UNITS})(?![A-Za-z_\d])
                                |(?:x\b)?(?![A-Za-z_]|[.,]?\d)) )""",
    re.VERBOSE,
)
#: 3-5 % and 3~5분 state two numbers of one unit, and the mark between them is no sign.
_RANGE = re.compile(rf"({_DIGITS})\s?[~-]\s?(?={_DIGITS}((?:\s?%|\s?(?:{_WORD_UNITS})(?![A-Za-z_\d]))?))")
_ABOUT = re.compile(r"(?:약|대략|거의|about|around|roughly|approximately|nearly|almost|~)\s?[-+$₩€]*$", re.IGNORECASE)
_KOREAN_PART = re.compile(rf"({_DIGITS})\s?([조억만천백]?)")


@dataclass(frozen=True, slots=True)
class Number:
    """A stated number: `value` is unsigned, in percent, minutes or plain units; `tolerance` is half its last digit."""

    text: str
    value: float
    tolerance: float
    kind: Kind
    sign: Sign
    start: int
    end: int


def readable(text: str) -> str:
    """`text` with plain digits and signs, dates and ids blanked; positions of Number refer to it."""
    plain = unicodedata.normalize("NFKC", text).translate({0x2212: "-", 0x2013: "-", 0x2014: "-", 0x301C: "~"})
    return _RANGE.sub(r"\1\2 to ", _MASKED.sub(" ", plain))


def numbers_in(text: str) -> Iterator[Number]:
    """Every number that `text` (already `readable`) states, in order."""
    for match in _NUMBER.finditer(text):
        value, last_digit, kind = _compound(match["korean"]) if match["korean"] else _simple(match)
        if _ABOUT.search(text[: match.start()]):
            last_digit = max(last_digit, _last_nonzero(value))
        yield Number(match[0].strip(), value, last_digit / 2, kind, _sign(match), match.start(), match.end())


def _simple(match: re.Match[str]) -> tuple[float, float, Kind]:
    value, last_digit = _plain(match["digits"])
    unit = match["unit"] or (match["percent"] or "").strip()
    kinds: tuple[tuple[Kind, dict[str, float]], ...] = (("percent", _PERCENT), ("minutes", _MINUTES), ("plain", _SCALE))
    for kind, factors in kinds:
        if unit in factors:
            return value * factors[unit], last_digit * factors[unit], kind
    return value, last_digit, "plain"


def _compound(text: str) -> tuple[float, float, Kind]:
    """A number like 3억 5,000만: the parts add up, the last one says how precise it is."""
    total, last = 0.0, 1.0
    for digits, scale in _KOREAN_PART.findall(text):
        value, last_digit = _plain(digits)
        factor = _KOREAN_SCALE.get(scale, 1.0)
        total, last = total + value * factor, last_digit * factor
    return total, last, "plain"


def _plain(digits: str) -> tuple[float, float]:
    decimals = len(digits.partition(".")[2])
    return float(digits.replace(",", "")), float(10**-decimals)


def _last_nonzero(value: float) -> float:
    """The place of the last digit that is not a trailing zero: 100 for 1200."""
    if not 0 < value < 1e15 or value != int(value):
        return 1.0
    whole = str(int(value))
    return float(10 ** (len(whole) - len(whole.rstrip("0"))))


def _sign(match: re.Match[str]) -> Sign:
    sign = (match["sign"] or match["inner"] or "").strip()
    return "-" if sign == "-" else "+" if sign == "+" else ""
