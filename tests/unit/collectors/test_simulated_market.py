"""The simulated market: plausible, valid, and the same again whenever it is asked for."""

from dataclasses import fields
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.candle_files import RawCandles
from collectors.candle_quality import clean
from collectors.series import CandleSeries, quality_of
from collectors.simulated import STARTING_VALUES, SimulatedMarket, simulate
from collectors.timestamps import YEAR_2000_MS, YEAR_2100_MS
from core.clock import DAY_MS, MINUTE_MS
from core.errors import InvalidInput, NotFound
from core.market import Bars, DataQuality, Floats
from strategies import registry

DAYS = 30


@pytest.fixture(scope="module")
def series() -> list[CandleSeries]:
    return simulate(DAYS, 7, ["BTCUSDT", "ETHUSDT"])


@pytest.fixture(scope="module")
def control() -> list[CandleSeries]:
    return simulate(120, 7, ["BTCUSDT", "ETHUSDT"], control=True)


def returns(bars: Bars, minutes: int = 1) -> Floats:
    close = bars.close[minutes - 1 :: minutes]
    return close[1:] / close[:-1] - 1.0


def assert_same(one: Bars, other: Bars) -> None:
    for field in fields(Bars):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


def test_the_same_seed_gives_the_same_market(series: list[CandleSeries]) -> None:
    again = simulate(DAYS, 7, ["BTCUSDT", "ETHUSDT"])
    other = simulate(DAYS, 8, ["BTCUSDT", "ETHUSDT"])

    assert_same(series[0].bars, again[0].bars)
    assert not np.array_equal(series[0].bars.close, other[0].bars.close)


def test_a_symbol_does_not_depend_on_the_symbols_beside_it(series: list[CandleSeries]) -> None:
    [alone] = simulate(DAYS, 7, ["ETHUSDT"])

    assert_same(alone.bars, series[1].bars)


def test_a_longer_market_begins_like_a_shorter_one(series: list[CandleSeries]) -> None:
    longer = simulate(DAYS + 3, 7, ["BTCUSDT", "ETHUSDT"])

    assert_same(longer[0].bars.slice(0, DAYS * 1440), series[0].bars)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-2000, 5 * 1440), min_size=1, max_size=5))
def test_a_market_made_in_pieces_is_the_market_made_at_once(cuts: list[int]) -> None:
    whole = simulate(4, 3, ["BTCUSDT"])[0].bars
    market = SimulatedMarket(3, ["BTCUSDT"])
    edges = [market.start_ms + minute * MINUTE_MS for minute in sorted([0, *cuts, 4 * 1440])]

    pieces = [market.bars("simulated_usdm/BTCUSDT", start, end) for start, end in pairwise(edges)]

    close = np.concatenate([piece.between(market.start_ms, market.start_ms + 4 * DAY_MS).close for piece in pieces])
    np.testing.assert_array_equal(close, whole.close)


def test_every_bar_is_valid_continuous_and_on_the_steps_of_its_instrument(series: list[CandleSeries]) -> None:
    for one in simulate(3, 5, ["BTCUSDT", "XRPUSDT", "NEWCOIN"]) + series:
        bars = one.bars
        columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        judged, defects = clean([RawCandles(Path("simulated"), bars.time, *columns)], MINUTE_MS)
        assert quality_of(judged, YEAR_2000_MS, YEAR_2100_MS, defects) == DataQuality(bars=len(bars)) == one.quality
        np.testing.assert_array_equal(bars.open[1:], bars.close[:-1])
        for column in columns[:4]:
            ticks = column / float(one.instrument.price_step)
            assert np.abs(ticks - np.rint(ticks)).max() < 1e-4
        assert bars.volume.min() >= float(one.instrument.quantity_step)


def test_the_market_is_marked_simulated_and_says_when_it_starts(series: list[CandleSeries]) -> None:
    [late] = simulate(1, 7, ["BTCUSDT"], start=date(2026, 2, 3))

    assert all(one.simulated for one in series)
    assert series[0].instrument.key == "simulated_usdm/BTCUSDT"
    assert late.bars.time[0] == 1_770_076_800_000
    np.testing.assert_array_equal(late.bars.close, series[0].bars.close[:1440])


def test_returns_have_fat_tails_clustered_volatility_and_a_common_part(series: list[CandleSeries]) -> None:
    first, second = (returns(one.bars) for one in series)
    size = np.abs(first)

    assert np.mean((first - first.mean()) ** 4) / first.var() ** 2 > 6.0
    assert np.corrcoef(size[:-60], size[60:])[0, 1] > 0.1
    assert 0.15 < np.corrcoef(first, second)[0, 1] < 0.6


def test_volume_comes_with_moves(series: list[CandleSeries]) -> None:
    bars = series[0].bars

    assert np.corrcoef(np.abs(returns(bars)), bars.volume[1:])[0, 1] > 0.3


def test_large_moves_go_on_and_small_ones_are_given_back() -> None:
    moves = np.concatenate([returns(one.bars, 15) for one in simulate(120, 2, ["BTCUSDT", "ETHUSDT"])])
    before, after = moves[:-1], moves[1:]
    onward = np.sign(before) * after

    assert onward[np.abs(before) > 0.006].mean() > 0.0005
    assert onward[np.abs(before) < 0.002].mean() < -0.00002


def test_the_control_is_a_fair_game(control: list[CandleSeries]) -> None:
    moves = np.concatenate([returns(one.bars, 15) for one in control])
    before, after = moves[:-1], moves[1:]
    onward = np.sign(before) * after

    for part in (np.abs(before) > 0.004, np.abs(before) < 0.002):
        error = onward[part].std() / np.sqrt(part.sum())
        assert abs(onward[part].mean()) < 3.0 * error
    assert abs(moves.mean()) < 3.0 * moves.std() / np.sqrt(len(moves))


def test_the_control_costs_nothing(control: list[CandleSeries]) -> None:
    for one in control:
        assert one.funding is not None
        assert not one.funding.rate.any()
        assert one.instrument.maker_fee == one.instrument.taker_fee == one.instrument.slippage == 0


def test_perpetuals_pay_funding_every_eight_hours_and_spot_never(series: list[CandleSeries]) -> None:
    [spot] = simulate(2, 7, ["BTCUSDT"], venue="simulated")
    funding = series[0].funding

    assert funding is not None
    np.testing.assert_array_equal(np.diff(funding.time), DAY_MS // 3)
    assert len(funding.time) == 3 * DAYS
    assert 0.0 < funding.rate.mean() < 0.0002
    assert spot.funding is None
    assert not spot.instrument.perpetual


def test_a_span_of_funding_is_half_open() -> None:
    market = SimulatedMarket(1, ["BTCUSDT"])
    key = "simulated_usdm/BTCUSDT"

    first = market.funding(key, market.start_ms, market.start_ms + DAY_MS // 3)
    none = market.funding(key, market.start_ms + 1, market.start_ms + DAY_MS // 3)

    assert first is not None
    assert none is not None
    assert (len(first.time), len(none.time)) == (1, 0)


def test_the_book_stands_around_the_close_and_is_marked_synthetic() -> None:
    market = SimulatedMarket(7, ["BTCUSDT", "XRPUSDT"])
    for key, instrument in market.instruments.items():
        bars = market.bars(key, market.start_ms, market.start_ms + DAY_MS)
        book = market.book(key, bars)

        assert book.synthetic
        assert book.as_document()["synthetic"] is True
        assert book.time == bars.time[-1] + MINUTE_MS
        assert book.bids[0, 0] < bars.close[-1] < book.asks[0, 0]
        assert (np.diff(book.bids[:, 0]) < 0).all()
        assert (np.diff(book.asks[:, 0]) > 0).all()
        assert (book.bids[:, 1] >= float(instrument.quantity_step)).all()
        assert book.as_document() == market.book(key, bars).as_document()


@pytest.mark.parametrize("strategy", STARTING_VALUES)
def test_the_mediocre_starting_values_are_valid(strategy: str) -> None:
    values = registry.get(strategy).declaration.complete(STARTING_VALUES[strategy])

    assert STARTING_VALUES[strategy].items() <= values.items()


def test_a_market_that_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidInput, match="0 days"):
        simulate(0, 1, ["BTCUSDT"])
    with pytest.raises(InvalidInput, match="different symbols"):
        simulate(1, 1, ["BTCUSDT", "BTCUSDT"])
    with pytest.raises(InvalidInput, match="not simulated"):
        simulate(1, 1, ["BTCUSDT"], venue="binance_usdm")
    with pytest.raises(NotFound):
        SimulatedMarket(1, ["BTCUSDT"]).bars("simulated_usdm/ETHUSDT", 0, 1)
