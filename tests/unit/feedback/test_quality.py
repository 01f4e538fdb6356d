"""Whether a day can be judged."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.market import DataQuality
from feedback.quality import reasons_against
from feedback.texts import Texts
from storage.queries.day import Books

TEXTS = Texts("en")
GOOD = {"binance_usdm/BTCUSDT": DataQuality(bars=1440)}
#: Carried in: long 1, closed today. Opened and closed today: 2. Opened today and still held: 3.
BOOK = Books(
    instance_id="m.BTC",
    filled=Decimal(1 + 2 + 2 + 3),
    moved=Decimal(-1 + 2 - 2 + 3),
    fill_fees=Decimal("0.8"),
    closed=Decimal(1 + 2),
    carried_signed=Decimal(1),
    inside=Decimal(2),
    inside_fees=Decimal("0.4"),
    wrong_sums=0,
)


def test_a_full_day_with_books_that_add_up_can_be_judged() -> None:
    assert reasons_against(GOOD, [BOOK], TEXTS) == []


def test_a_short_position_adds_up_as_well() -> None:
    short = replace(BOOK, moved=-BOOK.moved, carried_signed=-BOOK.carried_signed)
    assert reasons_against(GOOD, [short], TEXTS) == []


@pytest.mark.parametrize(("missing", "judged"), [(72, True), (73, False)])
def test_more_than_a_twentieth_of_the_minutes_missing_is_too_much(missing: int, judged: bool) -> None:
    quality = DataQuality(bars=1440 - missing, missing_minutes=missing)
    reasons = reasons_against({"binance_usdm/BTCUSDT": quality}, [], TEXTS)
    assert (reasons == []) is judged


def test_a_series_without_bars_is_named() -> None:
    (reason,) = reasons_against({**GOOD, "upbit/KRW-BTC": DataQuality(missing_minutes=1440)}, [], TEXTS)
    assert "upbit/KRW-BTC" in reason


@pytest.mark.parametrize(
    ("book", "word"),
    [
        (replace(BOOK, wrong_sums=2), "2 trades"),
        (replace(BOOK, closed=Decimal(1), inside=Decimal(0)), "quantities"),
        (replace(BOOK, filled=BOOK.filled - 3, moved=BOOK.moved - 2), "quantities"),
        (replace(BOOK, inside_fees=Decimal(1)), "fees"),
    ],
    ids=["wrong sums", "a close was never booked as a trade", "a fill is missing", "fees that nobody paid"],
)
def test_books_that_do_not_add_up_stop_the_judgement(book: Books, word: str) -> None:
    (reason,) = reasons_against(GOOD, [book], TEXTS)
    assert "m.BTC" in reason
    assert word in reason
