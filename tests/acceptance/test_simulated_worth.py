"""What can be learned on the simulated market is large, and on the control nothing, measured with the engine itself.

ES is the daily Sharpe of the paired difference candidate minus incumbent, pooled over two symbols, after fees.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from collectors.simulated import STARTING_VALUES, simulate
from core.market import Floats
from core.parameters import Declaration
from execution.account import Account, RiskLimits
from execution.backtest import backtest
from execution.marketdata import MarketData
from strategies import registry

pytestmark = pytest.mark.slow

DAYS = 260
ACCOUNT = Account(capital=10_000.0, risk_fraction=0.01, limits=RiskLimits())

#: What one proposal may change on the way to the hidden better set, and the set itself.
ONE_PROPOSAL = {
    "momentum_scalping": {"entry_threshold": 0.0065, "stop_loss": 0.0045, "take_profit": 0.01},
    "market_making": {"spread_threshold": 0.003, "refresh_time": 4},
}
HIDDEN = {
    "momentum_scalping": {"entry_threshold": 0.008, "stop_loss": 0.004, "take_profit": 0.016, "max_holding": 70},
    "market_making": {"spread_threshold": 0.004, "refresh_time": 3},
}


def markets(seed: int, *, control: bool = False) -> list[MarketData]:
    return [
        MarketData(one.instrument, one.bars, one.funding)
        for one in simulate(DAYS, seed, ["BTCUSDT", "ETHUSDT"], control=control)
    ]


def daily(strategy: str, over: list[MarketData], change: Mapping[str, float]) -> Floats:
    """Daily P&L of the starting values with a change, summed over symbols."""
    values = {**STARTING_VALUES[strategy], **change}
    results = [backtest(registry.get(strategy), market, values, ACCOUNT) for market in over]
    return np.asarray(np.sum([result.daily_pnl for result in results], axis=0))


def sharpe(pnl: Floats) -> float:
    """Mean over standard deviation; 0 where a change never traded differently."""
    return float(pnl.mean() / pnl.std()) if pnl.any() else 0.0


def allowed_moves(declaration: Declaration, values: Mapping[str, float]) -> Iterator[dict[str, float]]:
    """The largest allowed step of each parameter by itself, both ways."""
    full = declaration.complete(values)
    for name, parameter in declaration.items():
        steps = int(parameter.largest_change(full[name]) / parameter.step + 1e-9)
        for sign in (-1, 1):
            moved = parameter.round(full[name] + sign * steps * parameter.step)
            if moved != full[name]:
                yield {name: moved}


@pytest.mark.parametrize("strategy", ONE_PROPOSAL)
def test_one_proposal_changes_no_parameter_by_more_than_allowed(strategy: str) -> None:
    declaration = registry.get(strategy).declaration
    for name, value in ONE_PROPOSAL[strategy].items():
        current = STARTING_VALUES[strategy][name]
        assert abs(value - current) <= declaration[name].largest_change(current) + 1e-12
        assert not declaration[name].takes_more_risk(current, value)


@pytest.mark.parametrize("strategy", ONE_PROPOSAL)
@pytest.mark.parametrize("seed", [11, 12, 13, 14])
def test_one_allowed_proposal_has_an_effect_of_three_tenths_all_year(strategy: str, seed: int) -> None:
    over = markets(seed)
    before = daily(strategy, over, {})

    gain = daily(strategy, over, ONE_PROPOSAL[strategy]) - before

    assert sharpe(gain) >= 0.3
    assert min(sharpe(gain[: DAYS // 2]), sharpe(gain[DAYS // 2 :])) >= 0.2


@pytest.mark.parametrize("strategy", HIDDEN)
def test_the_hidden_set_earns_after_fees_what_the_start_does_not(strategy: str) -> None:
    earned = [
        (daily(strategy, over, {}), daily(strategy, over, HIDDEN[strategy])) for over in map(markets, (11, 12, 13))
    ]

    before, after = (np.concatenate(pnl) for pnl in zip(*earned, strict=True))

    assert sharpe(before) < 0.15
    assert sharpe(after) > 0.2
    assert sharpe(after - before) > 0.35


@pytest.mark.parametrize("strategy", STARTING_VALUES)
def test_no_allowed_change_is_better_on_the_control(strategy: str) -> None:
    """Over ten control markets every change's mean effect lies within its error, at a level shared by all changes."""
    declaration = registry.get(strategy).declaration
    moves = list(allowed_moves(declaration, STARTING_VALUES[strategy]))
    effects = []
    for seed in range(20, 30):
        over = markets(seed, control=True)
        before = daily(strategy, over, {})
        effects.append([sharpe(daily(strategy, over, move) - before) for move in moves])

    scores = np.mean(effects, axis=0) * np.sqrt(10 * DAYS)

    assert np.abs(scores).max() < 3.5
    assert abs(scores.mean()) < 1.5
