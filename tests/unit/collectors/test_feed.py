"""The feed shows every bar once, never before its close, and goes on after a restart where it was."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.feed import Feed, RecordedSource, Source
from collectors.simulated import SimulatedMarket, simulate
from core.clock import DAY_MS, MINUTE_MS, from_ms
from core.errors import InvalidInput, NotFound

KEY = "simulated_usdm/BTCUSDT"
SERIES = simulate(2, 4, ["BTCUSDT", "ETHUSDT"])
START_MS = int(SERIES[0].bars.time[0])
LIVE_MS = START_MS + DAY_MS


def sources() -> list[Source]:
    return [RecordedSource(SERIES), SimulatedMarket(4, ["BTCUSDT", "ETHUSDT"])]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, DAY_MS // 1000), min_size=1, max_size=12), st.sampled_from([0, 1]))
def test_polls_show_every_closed_bar_once(seconds: list[int], which: int) -> None:
    feed = Feed(sources()[which], LIVE_MS)
    shown = [feed.history(KEY).time]

    for second in seconds:
        now_ms = LIVE_MS + 1000 * second
        fresh = feed.poll(from_ms(now_ms))[KEY]
        assert (fresh.time + MINUTE_MS <= now_ms).all()
        shown.append(fresh.time)

    latest_ms = LIVE_MS + 1000 * max(seconds)
    expected = SERIES[0].bars.time
    np.testing.assert_array_equal(np.concatenate(shown), expected[expected + MINUTE_MS <= max(latest_ms, LIVE_MS)])


def test_a_bar_arrives_at_its_close_to_the_millisecond() -> None:
    feed = Feed(RecordedSource(SERIES), LIVE_MS)
    close = from_ms(LIVE_MS + MINUTE_MS)

    assert len(feed.poll(close - timedelta(milliseconds=1))[KEY]) == 0
    assert feed.poll(close)[KEY].time.tolist() == [LIVE_MS]


def test_a_feed_made_anew_goes_on_where_the_old_one_was() -> None:
    stop = from_ms(LIVE_MS + 100 * MINUTE_MS)
    later = stop + timedelta(minutes=50)
    one_life = Feed(SimulatedMarket(4, ["BTCUSDT"]), LIVE_MS)
    first_life = Feed(SimulatedMarket(4, ["BTCUSDT"]), LIVE_MS)
    lived = first_life.poll(stop)[KEY]

    second_life = Feed(SimulatedMarket(4, ["BTCUSDT"]), int(lived.time[-1]) + MINUTE_MS)
    resumed = second_life.poll(later)[KEY]

    whole = one_life.poll(later)[KEY]
    np.testing.assert_array_equal(np.concatenate([lived.close, resumed.close]), whole.close)
    assert len(second_life.history(KEY)) == 1440 + 100


def test_a_replay_takes_all_symbols_in_pieces() -> None:
    feed = Feed(RecordedSource(SERIES), START_MS)

    pieces = [feed.bars(START_MS + day * DAY_MS, START_MS + (day + 1) * DAY_MS) for day in range(2)]

    for one in SERIES:
        close = np.concatenate([piece[one.instrument.key].close for piece in pieces])
        np.testing.assert_array_equal(close, one.bars.close)


def test_recorded_candles_have_no_book_and_a_simulated_market_a_synthetic_one() -> None:
    recorded, simulated = sources()
    bars = SERIES[0].bars.slice(0, 100)
    book = simulated.book(KEY, bars)

    assert recorded.book(KEY, bars) is None
    assert book is not None
    assert book.synthetic
    assert Feed(simulated, LIVE_MS).simulated


@pytest.mark.parametrize("which", [0, 1])
def test_funding_of_a_span_is_half_open(which: int) -> None:
    rates = sources()[which].funding(KEY, START_MS, START_MS + DAY_MS)

    assert rates is not None
    assert rates.time.tolist() == [START_MS + part * DAY_MS // 3 for part in range(3)]


def test_what_is_not_in_the_feed_is_refused() -> None:
    with pytest.raises(NotFound):
        RecordedSource(SERIES).bars("binance_spot/BTCUSDT", 0, 1)
    with pytest.raises(InvalidInput, match="same instrument"):
        RecordedSource([SERIES[0], SERIES[0]])
    with pytest.raises(InvalidInput, match="at least one"):
        RecordedSource([])
