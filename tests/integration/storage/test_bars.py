"""Bars: bit for bit, in any order, with their funding."""

import numpy as np
import pytest

from core.clock import MINUTE_MS, from_ms
from core.market import Bars, FundingRates
from storage.stores import Stores

pytestmark = pytest.mark.integration
START = 1_788_220_740_000  # 2026-08-31 23:59 UTC: two months
WHERE = ("binance_usdm", "BTCUSDT")


def bars(first: int, last: int) -> Bars:
    """Bars number `first` up to `last`, the same ones whenever they are asked for."""
    numbers = np.arange(last, dtype=np.int64)
    prices = np.random.default_rng(7).lognormal(0, 1e-3, (5, 400))[:, :last] * 64_000.123456789
    return Bars(START + numbers * MINUTE_MS, *prices).slice(first, last)


def rates(*minutes: int) -> FundingRates:
    times = np.array([START + minute * MINUTE_MS for minute in minutes], dtype=np.int64)
    return FundingRates(times, np.array([0.0001 * (minute + 1) for minute in minutes]))


def append(stores: Stores, some: Bars, funding: FundingRates | None = None) -> None:
    with stores.begin() as tx:
        tx.bars.append(*WHERE, some, funding)


def load(stores: Stores, start: int = START, end: int = START + 400 * MINUTE_MS) -> Bars:
    with stores.begin() as tx:
        return tx.bars.load(*WHERE, MINUTE_MS, from_ms(start), from_ms(end))


def same(left: Bars, right: Bars) -> bool:
    columns = ("time", "open", "high", "low", "close", "volume")
    return all(np.array_equal(getattr(left, c), getattr(right, c)) for c in columns)


def test_bars_come_back_bit_for_bit(db: Stores) -> None:
    append(db, bars(0, 300))
    assert same(load(db), bars(0, 300))
    assert same(load(db, START + MINUTE_MS, START + 3 * MINUTE_MS), bars(1, 3))
    assert load(db).open.flags.c_contiguous
    with db.begin() as tx:
        assert tx.bars.span(*WHERE) == (from_ms(START), from_ms(START + 299 * MINUTE_MS))
        assert tx.bars.span(*WHERE, 5 * MINUTE_MS) is None
        assert tx.bars.count(*WHERE, MINUTE_MS, from_ms(START + 9 * MINUTE_MS)) == 10


def test_later_earlier_and_overlapping_bars_make_one_series(db: Stores) -> None:
    for first, last in ((100, 200), (200, 201), (150, 250), (0, 120), (0, 0)):
        append(db, bars(first, last))
    assert same(load(db), bars(0, 250))


def test_no_bars_are_an_empty_series(db: Stores) -> None:
    assert len(load(db)) == 0


def funding(stores: Stores) -> list[tuple[int, float]]:
    with stores.begin() as tx:
        found = tx.bars.funding(*WHERE, from_ms(START), from_ms(START + 400 * MINUTE_MS))
    minutes = (found.time - START) // MINUTE_MS
    return [(int(minute), round(float(rate), 6)) for minute, rate in zip(minutes, found.rate, strict=True)]


def test_funding_stands_on_the_bar_that_opens_at_or_after_its_settlement(db: Stores) -> None:
    gap = np.r_[0:100, 110:200]
    holed = Bars(*(getattr(bars(0, 200), c)[gap] for c in ("time", "open", "high", "low", "close", "volume")))
    append(db, holed, rates(10, 103, 105, 500))
    assert funding(db) == [(10, 0.0011), (110, 0.021)]


def test_funding_may_come_in_after_its_bar(db: Stores) -> None:
    append(db, bars(0, 50))
    append(db, bars(0, 60), rates(10))
    append(db, bars(5, 20))
    assert funding(db) == [(10, 0.0011)]
    assert same(load(db), bars(0, 60))
