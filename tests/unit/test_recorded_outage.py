"""The exchange's real outage of 2023-03-24: nothing is traded through it."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.clock import to_ms
from core.market import Bars, Instrument
from execution.backtest import backtest
from execution.marketdata import MarketData
from strategies import registry
from tests.unit.markets import account

CANDLES = Path(__file__).parents[3] / "shared/data/binance_spot/BTCUSDT/1m/2023-01-01_2023-12-31.parquet"
FIRST, LAST = (to_ms(datetime(2023, 3, day, tzinfo=UTC)) for day in (20, 28))
STOPPED, RESUMED = (to_ms(datetime(2023, 3, 24, *at, tzinfo=UTC)) for at in ((11, 28), (14, 0)))


@pytest.mark.recorded
@pytest.mark.parametrize("venue", ["binance_spot", "test_usdm"])
@pytest.mark.parametrize("name", ["market_making", "momentum_scalping"])
def test_no_fill_and_no_quote_falls_into_the_outage(name: str, venue: str) -> None:
    if not CANDLES.exists():
        pytest.skip("the recorded market data is not beside the checkout")
    frame = pd.read_parquet(CANDLES)
    time = frame["timestamp"].astype("datetime64[ms, UTC]").astype("int64").to_numpy()
    columns = [frame[field].to_numpy(np.float64) for field in ("open", "high", "low", "close", "volume")]
    bars = Bars(time, *columns).between(FIRST, LAST)
    market = MarketData(Instrument(venue, "BTCUSDT", Decimal("0.01"), Decimal("0.00001")), bars)
    eager = {"entry_threshold": 0.001, "cooldown": 0, "min_volume": -2.0} if name == "momentum_scalping" else {}
    fills = backtest(registry.get(name), market, eager, account()).fills
    assert len(fills) > 50
    assert not ((fills["time"] >= STOPPED) & (fills["time"] <= RESUMED)).any()
    assert (fills["time"] > RESUMED).any()
