"""What is wrong in a file is counted, dropped or sorted, and never traded through."""

from dataclasses import fields
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.candle_files import RawCandles
from collectors.candle_quality import clean
from collectors.candles import read_candles
from collectors.series import Defects, quality_of
from collectors.timestamps import NO_TIME, YEAR_2000_MS, YEAR_2100_MS
from core.clock import MINUTE_MS, to_ms
from core.errors import InvalidInput
from core.market import Bars, DataQuality
from tests.unit.collectors.frames import good_frame

START_MS = to_ms(datetime(2024, 3, 1, tzinfo=UTC))


def raw(rows: int = 30) -> RawCandles:
    frame = good_frame(rows)
    time = START_MS + np.arange(rows) * MINUTE_MS
    columns = (frame[name].to_numpy(copy=True) for name in ("open", "high", "low", "close", "volume"))
    return RawCandles(Path("a.csv"), time, *columns)


def taken(candles: RawCandles, positions: list[int]) -> RawCandles:
    columns = (getattr(candles, name)[positions] for name in ("time", "open", "high", "low", "close", "volume"))
    return RawCandles(candles.path, *columns)


def judged(candles: RawCandles) -> tuple[Bars, DataQuality]:
    bars, defects = clean([candles], MINUTE_MS)
    return bars, quality_of(bars, YEAR_2000_MS, YEAR_2100_MS, defects)


def test_good_rows_have_no_defects() -> None:
    assert judged(raw(30))[1] == DataQuality(bars=30)


def test_a_swapped_pair_is_one_row_out_of_order() -> None:
    bars, quality = judged(taken(raw(6), [0, 1, 3, 2, 4, 5]))

    assert quality == DataQuality(bars=6, disordered=1)
    np.testing.assert_array_equal(bars.close, raw(6).close)


def test_the_last_of_two_rows_of_one_minute_stays() -> None:
    candles = taken(raw(6), [0, 1, 2, 2, 3, 4, 5, 1])
    candles.volume[-1] = 77.0

    bars, quality = judged(candles)

    assert quality == DataQuality(bars=6, duplicates=2)
    assert bars.volume[1] == 77.0


IMPOSSIBLE = {
    "high below close": ("high", 1.0),
    "low above open": ("low", 500.0),
    "zero price": ("low", 0.0),
    "negative price": ("open", -3.0),
    "infinite price": ("high", np.inf),
    "negative volume": ("volume", -1.0),
    "infinite volume": ("volume", np.inf),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_bar_that_no_market_can_print_is_dropped(name: str) -> None:
    candles = raw(6)
    column, value = IMPOSSIBLE[name]
    getattr(candles, column)[3] = value

    bars, quality = judged(candles)

    assert quality == DataQuality(bars=5, bad_ohlc=1)
    assert candles.time[3] not in bars.time


@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
def test_a_row_with_a_missing_value_is_dropped(column: str) -> None:
    candles = raw(6)
    getattr(candles, column)[2] = np.nan

    assert judged(candles)[1] == DataQuality(bars=5, nan=1)


def test_a_row_without_a_time_counts_where_it_stands() -> None:
    candles = taken(raw(6), [0, 1, 2, 3, 3, 4, 5])
    candles.time[3] = NO_TIME

    bars, defects = clean([candles], MINUTE_MS)

    assert defects.nan.tolist() == [START_MS + 2 * MINUTE_MS]
    assert len(bars) == 6


def test_minutes_count_as_missing_in_minutes_whatever_the_bar_length() -> None:
    time = START_MS + np.array([0, 5, 25, 30]) * MINUTE_MS
    ones = np.ones(4)
    bars = Bars(time, ones, ones, ones, ones, np.array([1.0, 0.0, 1.0, 1.0]), 5 * MINUTE_MS)

    quality = quality_of(bars, START_MS, START_MS + 35 * MINUTE_MS, Defects())

    assert quality == DataQuality(bars=4, missing_minutes=15, zero_volume_minutes=5)


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidInput):
        quality_of(clean([raw()], MINUTE_MS)[0], 5, 4, Defects())


damage = st.lists(
    st.tuples(st.integers(0, 39), st.sampled_from(["drop", "nan", "bad", "repeat", "no time", "no volume", "swap"])),
    max_size=25,
)


def damaged(events: list[tuple[int, str]]) -> RawCandles:
    candles = raw(40)
    order = list(range(40))
    for row, kind in events:
        if kind == "drop" and row in order and len(set(order)) > 20:
            order = [position for position in order if position != row]
        elif kind == "repeat":
            order.append(row)
        elif kind == "swap" and row + 1 < len(order):
            order[row], order[row + 1] = order[row + 1], order[row]
    candles = taken(candles, order)
    for row, kind in events:
        position = row % len(order)
        if kind == "nan":
            candles.close[position] = np.nan
        elif kind == "bad":
            candles.high[position] = 0.5
        elif kind == "no time":
            candles.time[position] = NO_TIME
        elif kind == "no volume":
            candles.volume[position] = 0.0
    return candles


@settings(max_examples=200, deadline=None)
@given(damage)
def test_every_row_of_a_damaged_file_is_kept_or_counted(events: list[tuple[int, str]]) -> None:
    candles = damaged(events)

    bars, quality = judged(candles)

    assert quality.bars + quality.duplicates + quality.nan + quality.bad_ohlc == len(candles.time)
    good = raw(40)
    positions = (bars.time - START_MS) // MINUTE_MS
    for name in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(getattr(bars, name), getattr(good, name)[positions])


@settings(max_examples=200, deadline=None)
@given(damage, st.lists(st.integers(-5, 45), min_size=1, max_size=6))
def test_counts_of_adjoining_spans_add_up(events: list[tuple[int, str]], cuts: list[int]) -> None:
    bars, defects = clean([damaged(events)], MINUTE_MS)
    edges = [START_MS + minute * MINUTE_MS for minute in sorted([-10, *cuts, 60])]

    parts = [quality_of(bars, start, end, defects) for start, end in pairwise(edges)]

    assert sum(parts, DataQuality()) == quality_of(bars, edges[0], edges[-1], defects)


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(25)))
def test_shuffled_rows_give_the_same_bars(order: list[int]) -> None:
    bars, quality = judged(taken(raw(25), order))

    for field in fields(Bars):
        np.testing.assert_array_equal(getattr(bars, field.name), getattr(judged(raw(25))[0], field.name))
    assert quality.disordered == sum(later < earlier for earlier, later in pairwise(order))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=30, max_size=30))
def test_bars_cut_into_overlapping_files_are_the_bars_of_one_file(places: list[int]) -> None:
    positions = [[row for row, place in enumerate(places) if place in (part, 2)] for part in (0, 1)]

    bars, defects = clean([taken(raw(30), part) for part in positions], MINUTE_MS)

    np.testing.assert_array_equal(bars.close, raw(30).close)
    assert len(defects.duplicates) == places.count(2)
    assert len(defects.disordered) == 0


@pytest.mark.recorded
def test_the_outage_of_march_2023_is_counted_to_the_minute() -> None:
    path = Path(__file__).parents[4] / "shared/data/binance_spot/BTCUSDT/1m"
    if not path.is_dir():
        pytest.skip("the recorded market data is not beside this checkout")
    [series] = read_candles([path])

    days = [to_ms(datetime(2023, 3, day, tzinfo=UTC)) for day in (20, 24, 25, 28)]

    assert series.quality_between(days[0], days[3]) == DataQuality(11_440, 80, 72)
    assert series.quality_between(days[1], days[2]) == DataQuality(1_360, 80, 72)
    assert series.quality == DataQuality(525_520, 80, 72)
