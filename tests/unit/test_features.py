"""Features against independent libraries, and history against live."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from ta.momentum import RSIIndicator
from ta.trend import MACD
from ta.volatility import AverageTrueRange, BollingerBands

from core.errors import UnknownName
from core.market import Bars
from strategies.features import FEATURE_NAMES, FEATURES, FeatureStream, compute
from tests.unit.markets import wild_market

BARS = wild_market(bars=5000)
OURS = dict(zip(FEATURE_NAMES, compute(BARS), strict=True))
CLOSE = pd.Series(BARS.close)
HIGH = pd.Series(BARS.high)
LOW = pd.Series(BARS.low)
VOLUME = pd.Series(BARS.volume)
RETURNS = CLOSE.pct_change()
TIMES = pd.to_datetime(pd.Series(BARS.time), unit="ms", utc=True)


def exact(values: np.ndarray, bars: int, statistic: Callable[..., np.ndarray], **options: int) -> pd.Series:
    """A rolling statistic taken anew in every window (pandas updates its sums and drifts after bursts of volume)."""
    windows = np.lib.stride_tricks.sliding_window_view(values, bars)
    return pd.Series(np.concatenate([np.full(bars - 1, np.nan), statistic(windows, axis=1, **options)]))


@cache
def expected() -> dict[str, pd.Series]:
    bands = BollingerBands(CLOSE, 20, 2)
    macd = MACD(CLOSE, 26, 12, 9)
    fast, slow = (CLOSE.ewm(span=span, adjust=False).mean() for span in (12, 26))
    lowest, highest = LOW.rolling(60).min(), HIGH.rolling(60).max()
    return {
        "return_1": RETURNS,
        "return_5": CLOSE.pct_change(5),
        "return_15": CLOSE.pct_change(15),
        "return_60": CLOSE.pct_change(60),
        "ema_12": CLOSE / fast - 1,
        "ema_26": CLOSE / slow - 1,
        "ema_cross": fast / slow - 1,
        "rsi_14": RSIIndicator(CLOSE, 14).rsi(),
        "macd": macd.macd() / CLOSE,
        "macd_signal": macd.macd_signal() / CLOSE,
        "macd_hist": macd.macd_diff() / CLOSE,
        "bollinger_position": bands.bollinger_pband(),
        "bollinger_width": bands.bollinger_wband() / 100,
        "atr_14": AverageTrueRange(HIGH, LOW, CLOSE, 14).average_true_range() / CLOSE,
        "volatility_60": RETURNS.rolling(60).std(),
        "volume_zscore_60": (VOLUME - exact(BARS.volume, 60, np.mean)) / exact(BARS.volume, 60, np.std, ddof=1),
        "trend_240": CLOSE / CLOSE.rolling(240).mean() - 1,
        "range_position_60": (CLOSE - lowest) / (highest - lowest),
        "hour": TIMES.dt.hour.astype(float),
        "weekday": TIMES.dt.day_of_week.astype(float),
    }


@pytest.mark.parametrize("name", FEATURE_NAMES)
def test_each_feature_equals_an_independent_one(name: str) -> None:
    burn_in = 700  # averages without end may start differently; by then the start weighs less than 1e-20
    drift = 5e-9 if name == "bollinger_position" else 1e-12  # of pandas's rolling variance, which ta builds on
    np.testing.assert_allclose(OURS[name][burn_in:], expected()[name][burn_in:], rtol=1e-8, atol=drift)


def test_every_feature_is_checked_and_usually_inside_its_stated_range() -> None:
    assert set(expected()) == set(FEATURE_NAMES)
    for spec in FEATURES:
        values = OURS[spec.name][300:]
        assert np.mean((values >= spec.low) & (values <= spec.high)) > 0.95, spec.name


def test_features_are_unknown_until_enough_bars_have_been_seen() -> None:
    first_known = {name: int(np.flatnonzero(~np.isnan(OURS[name]))[0]) for name in FEATURE_NAMES}
    assert first_known["return_60"] == 60
    assert first_known["trend_240"] == 239
    assert first_known["bollinger_width"] == 19
    assert first_known["hour"] == 0


def test_bar_by_bar_equals_the_whole_history_bit_for_bit() -> None:
    stream = FeatureStream()
    single = np.concatenate([stream.advance(BARS.slice(k, k + 1)) for k in range(1500)])
    assert single.tobytes() == compute(BARS.slice(0, 1500)).T.tobytes()


def test_a_bar_without_volume_changes_no_feature() -> None:
    quiet = Bars(BARS.time, BARS.open, BARS.high, BARS.low, BARS.close, BARS.volume.copy())
    quiet.volume[1000:1010] = 0.0
    columns = compute(quiet)
    assert (columns[:, 1000:1010] == columns[:, [999]]).all()


def test_years_of_bars_leave_no_drift_in_rolling_sums() -> None:
    bars = wild_market(seed=9, bars=300_000, price=50_000.0)
    ours = dict(zip(FEATURE_NAMES, compute(bars), strict=True))
    close = bars.close[-6000:]
    width = 4 * exact(close, 20, np.std) / exact(close, 20, np.mean)
    np.testing.assert_allclose(ours["bollinger_width"][-5000:], width[-5000:], rtol=1e-7)
    volatility = exact(close[1:] / close[:-1] - 1, 60, np.std, ddof=1)
    np.testing.assert_allclose(ours["volatility_60"][-5000:], volatility[-5000:], rtol=1e-9)


def test_an_unknown_feature_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="rsi_14"):
        FeatureStream(["rsi_15"])
