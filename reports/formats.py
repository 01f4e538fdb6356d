"""How numbers and times look: signs and arrows beside colours, never colour alone."""

from datetime import datetime
from zoneinfo import ZoneInfo

NOTHING = "–"


def money(value: float | None) -> str:
    """Quote currency with a sign and two decimals."""
    return NOTHING if value is None else f"{value:+,.2f}"


def plain_money(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.2f}"


def percent(value: float | None) -> str:
    """A fraction as a percentage with one decimal."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def ratio(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"


def price(value: float) -> str:
    """Up to eight significant digits, without an exponent."""
    return f"{value:,.8f}".rstrip("0").rstrip(".")


def change(before: float, after: float) -> str:
    """The relative change of a parameter; from zero there is none."""
    return NOTHING if before == 0 else f"{(after - before) / abs(before):+.1%}"


def number(value: float) -> str:
    return f"{value:g}"


def arrow(value: float | None) -> str:
    """▲ for a gain, ▼ for a loss, nothing otherwise."""
    return "▲" if value and value > 0 else "▼" if value and value < 0 else ""


def clock(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%m-%d %H:%M}"


FILTERS = {
    "money": money,
    "plain_money": plain_money,
    "percent": percent,
    "ratio": ratio,
    "price": price,
    "number": number,
    "arrow": arrow,
}
