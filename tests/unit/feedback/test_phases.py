"""A day's market phases."""

from itertools import pairwise

import numpy as np
import pytest

from core.clock import MINUTE_MS, from_ms
from core.market import Bars
from feedback.phases import HOUR_MS, WARM_UP_MS, phases_of

START_MS = 1_700_000_000_000 // HOUR_MS * HOUR_MS
END_MS = START_MS + 24 * HOUR_MS


def _bars(returns: np.ndarray) -> Bars:  # type: ignore[type-arg]
    """Bars whose closes follow `returns`, beginning with the warm-up before START_MS."""
    close = 100 * np.cumprod(1 + returns)
    opened = np.concatenate([[100.0], close[:-1]])
    time = START_MS - WARM_UP_MS + MINUTE_MS * np.arange(len(close), dtype=np.int64)
    return Bars(time, opened, np.maximum(opened, close), np.minimum(opened, close), close, np.ones(len(close)))


def _noise(sigma: float, minutes: int) -> np.ndarray:  # type: ignore[type-arg]
    """A regular zigzag: no direction, and exactly this volatility."""
    return sigma * np.where(np.arange(minutes) % 2, 1.0, -1.0)


def test_a_quiet_morning_and_a_rising_wild_afternoon_are_two_phases() -> None:
    calm, wild = _noise(0.0003, 240 + 12 * 60), _noise(0.002, 12 * 60) + 0.0015
    found = phases_of("BTCUSDT", _bars(np.concatenate([calm, wild])), START_MS, END_MS)
    assert [phase.regime for phase in found] == ["range_calm", "up_volatile"]
    assert found[1].start == from_ms(START_MS + 12 * HOUR_MS)
    assert found[1].end == from_ms(END_MS)
    assert found[1].return_fraction == pytest.approx(float(np.prod(1 + wild)) - 1)
    assert found[0].volatility == pytest.approx(0.0003, rel=1e-3)


def test_phases_cover_the_day_without_gap_or_overlap() -> None:
    bars = _bars(np.random.default_rng(4).normal(0, 0.001, 240 + 1440))
    found = phases_of("ETHUSDT", bars, START_MS, END_MS)
    assert found[0].start == from_ms(START_MS)
    assert found[-1].end == from_ms(END_MS)
    assert all(a.end == b.start and a.regime != b.regime for a, b in pairwise(found))


def test_an_hour_with_few_bars_is_unknown() -> None:
    bars = _bars(_noise(0.0003, 240 + 1440))
    kept = (bars.time < START_MS + 3 * HOUR_MS + 10 * MINUTE_MS) | (bars.time >= START_MS + 5 * HOUR_MS)
    holes = Bars(*(getattr(bars, name)[kept] for name in ("time", "open", "high", "low", "close", "volume")))
    found = phases_of("BTCUSDT", holes, START_MS, END_MS)
    assert [phase.regime for phase in found] == ["range_calm", "unknown", "range_calm"]
    assert found[1].start == from_ms(START_MS + 3 * HOUR_MS)


def test_a_day_without_bars_is_one_unknown_phase() -> None:
    empty = np.zeros(0)
    bars = Bars(np.zeros(0, dtype=np.int64), empty, empty, empty, empty, empty)
    (only,) = phases_of("BTCUSDT", bars, START_MS, END_MS)
    assert (only.regime, only.return_fraction, only.volatility) == ("unknown", 0.0, 0.0)
