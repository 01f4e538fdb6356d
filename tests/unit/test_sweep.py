"""A sweep is many backtests, whatever the number of threads."""

import numpy as np
import pytest

from core.clock import MINUTE_MS
from core.errors import OutOfBounds
from execution.backtest import backtest
from execution.marketdata import MarketData
from execution.sweep import sweep
from strategies import registry
from tests.unit.markets import PERPETUAL, START_MS, account, wild_market

SETS = [{"entry_threshold": 0.002 + 0.001 * k} for k in range(6)]
SEOUL_MS = 9 * 3_600_000


@pytest.mark.parametrize("workers", [1, 2])
def test_each_row_is_the_backtest_of_its_set(workers: int) -> None:
    strategy = registry.get("momentum_scalping")
    market = MarketData(PERPETUAL, wild_market())
    options = {"trade_from_ms": START_MS + 1000 * MINUTE_MS, "day_offset_ms": SEOUL_MS}
    seen: list[tuple[int, int]] = []
    result = sweep(
        strategy, market, SETS, account(), workers=workers, on_progress=lambda d, n: seen.append((d, n)), **options
    )
    for row, values in enumerate(SETS):
        single = backtest(strategy, market, values, account(), **options)
        np.testing.assert_array_equal(result.days, single.days)
        np.testing.assert_array_equal(result.daily_pnl[row], single.daily_pnl)
        np.testing.assert_array_equal(result.daily_trades[row], single.daily_trades)
        assert (result.fees[row], result.max_drawdown[row]) == (single.fees, single.max_drawdown)
    assert result.daily_trades.sum() > 50
    assert seen == [(k, len(SETS)) for k in range(1, len(SETS) + 1)]


def test_a_bad_set_is_refused_before_anything_runs() -> None:
    strategy = registry.get("momentum_scalping")
    with pytest.raises(OutOfBounds, match="entry_threshold"):
        sweep(strategy, MarketData(PERPETUAL, wild_market(bars=100)), [{"entry_threshold": 9.0}], account())
