"""The referee: a second engine makes the same trades, and the comparison notices when it does not."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidInput
from execution import agreement
from execution.agreement import consult
from execution.backtest import backtest
from execution.marketdata import MarketData
from strategies import registry
from tests.unit.markets import PERPETUAL, SPOT, account, wild_market

ROOT = Path(__file__).parents[2]


def test_the_referee_makes_the_same_trades_and_a_page_that_needs_no_network(tmp_path: Path) -> None:
    page = tmp_path / "plot.html"
    market = MarketData(PERPETUAL, wild_market(bars=3000))
    told = consult(registry.get("momentum_scalping"), market, {"cooldown": 0}, account(), plot=page)
    assert told.agrees, told.differing[:3]
    assert told.ours == told.theirs > 30
    assert told.line == f"backtesting.py 0.6.6 makes the same {told.ours} trades."
    text = page.read_text()
    assert "Bokeh" in text
    assert not re.search(r'<(script|link|img)[^>]+(src|href)="http', text)


def test_a_users_own_strategy_on_spot_is_judged_as_well() -> None:
    strategy = registry.load(ROOT / "examples" / "my_strategy.py")
    told = consult(strategy, MarketData(SPOT, wild_market(seed=2, bars=3000)), {}, account())
    assert told.agrees, told.differing[:3]
    assert told.ours > 5


def test_a_difference_is_described() -> None:
    market = MarketData(PERPETUAL, wild_market(bars=1500))
    rows = backtest(registry.get("momentum_scalping"), market, {}, account(capital=10.0)).trades
    theirs = [tuple(row[name].item() for name in agreement._FIELDS) for row in rows]
    theirs[0] = (*theirs[0][:5], theirs[0][5] * 1.001, theirs[0][6])
    nothing = np.zeros(0, dtype=np.int64)
    told = agreement._compare("engine", rows, theirs[:-1], nothing)
    assert len(told.differing) == 2
    assert not told.agrees
    assert agreement._compare("engine", rows, theirs[:-1], rows["entry_time"]).set_aside == 2


def test_quotes_are_not_the_referees_business() -> None:
    with pytest.raises(InvalidInput, match="quotes"):
        consult(registry.get("market_making"), MarketData(replace(PERPETUAL), wild_market(bars=10)), {}, account())
