"""A running engine: parameters that change at their moment, snapshots, switches, warm-up."""

import numpy as np
import pytest

from core.clock import MINUTE_MS
from core.errors import BadData, InvalidInput, OutOfBounds
from core.parameters import ParameterSet
from core.trading import RefusalReason
from execution.backtest import backtest
from execution.engine import Engine
from execution.marketdata import MarketData
from strategies import registry
from tests.unit.markets import PERPETUAL, account, bars_of, wild_market
from tests.unit.scripted import SCRIPTED

FLAT = (100.0, 100.5, 99.5, 100.0)
ENTER = {"enter_at": 3, "exit_at": 5, "side": 1, "stop": 90}


def scripted(values: dict[str, float] = ENTER) -> Engine:
    return Engine(SCRIPTED, PERPETUAL, account(), values, version=1)


def versions_by_bar(engine: Engine, applies: str, staged_before: int, bars: int = 12) -> list[int]:
    """The applied version after each bar, with version 2 staged before bar `staged_before`."""
    market = bars_of([FLAT] * bars)
    seen = []
    for k in range(bars):
        if k == staged_before:
            engine.set_parameters({**ENTER, "strength": 0.5}, 2, applies)  # type: ignore[arg-type]
        engine.advance(market.slice(k, k + 1))
        seen.append(engine.applied_version)
    return seen


# bar 0 is observed only; the entry is decided on bar 3, filled on bar 4; the exit decided on bar 5, filled on bar 6
@pytest.mark.parametrize(
    ("applies", "staged_before", "first_bar_of_2"),
    [
        ("next_bar", 4, 4),
        ("next_order", 4, 4),
        ("next_order", 6, 6),
        ("flat", 4, 6),
        ("flat", 2, 2),
        ("restart", 2, 99),
    ],
)
def test_a_change_takes_effect_at_its_moment(applies: str, staged_before: int, first_bar_of_2: int) -> None:
    seen = versions_by_bar(scripted(), applies, staged_before)
    assert seen == [2 if k >= first_bar_of_2 else 1 for k in range(12)]


def test_next_order_waits_while_an_order_is_pending_or_a_quote_rests() -> None:
    quoting = Engine(SCRIPTED, PERPETUAL, account(), {"quote_at": 2, "bid": 99.4, "ask": 120, "notional": 500}, 1)
    market = bars_of([FLAT, FLAT, FLAT, (100, 100.5, 99.45, 100), (100, 100.5, 99.0, 100), FLAT])
    seen = []
    for k in range(len(market)):
        quoting.advance(market.slice(k, k + 1))
        if k == 2:
            quoting.set_parameters({}, 2, "next_order")
        seen.append(quoting.applied_version)
    assert quoting.position.quantity > 0
    assert quoting.position.quotes == 1  # the ask rests on, so the change goes on waiting
    assert seen == [1] * len(market)


def test_rows_carry_the_version_that_made_them() -> None:
    engine = scripted()
    market = bars_of([FLAT] * 10)
    engine.advance(market.slice(0, 5))
    engine.set_parameters(ENTER, 7, "next_bar")
    (trade,) = engine.advance(market.slice(5, 10)).trades
    assert (trade["entry_version"], trade["exit_version"]) == (1, 7)


def test_the_digest_is_that_of_the_values_in_the_steps_memory() -> None:
    engine = scripted()
    published = ParameterSet("scripted.AAAUSDT", 2, SCRIPTED.declaration.complete({"strength": 0.25}), "person")
    assert engine.applied_digest != published.digest
    engine.set_parameters(published.values, published.version, "next_bar")
    engine.advance(bars_of([FLAT] * 2))
    assert engine.applied_digest == published.digest
    engine._desk.parameters[0] += 1.0
    assert engine.applied_digest != published.digest


def test_bad_values_are_refused_and_change_nothing() -> None:
    engine = Engine(registry.get("momentum_scalping"), PERPETUAL, account(), {}, 1)
    with pytest.raises(OutOfBounds, match="stop_loss"):
        engine.set_parameters({"stop_loss": 5.0}, 2, "next_bar")
    engine.advance(bars_of([FLAT] * 3))
    assert engine.applied_version == 1


def test_a_set_staged_for_restart_takes_effect_when_a_new_engine_takes_over() -> None:
    engine = scripted()
    engine.advance(bars_of([FLAT] * 5))
    engine.set_parameters({**ENTER, "strength": 0.5}, 2, "restart")
    fresh = scripted()
    fresh.restore(engine.snapshot())
    assert (fresh.applied_version, fresh.applied_values["strength"]) == (2, 0.5)
    assert fresh.position.quantity == engine.position.quantity > 0
    assert fresh.position.stop == engine.position.stop == 90.0


def test_a_foreign_snapshot_is_refused() -> None:
    with pytest.raises(BadData, match="snapshot"):
        scripted().restore(Engine(registry.get("market_making"), PERPETUAL, account(), {}).snapshot())
    with pytest.raises(BadData, match="snapshot"):
        scripted().restore(b"rubbish")


def test_a_bar_that_is_not_later_is_refused() -> None:
    engine = scripted()
    engine.advance(bars_of([FLAT] * 3))
    with pytest.raises(BadData, match="not later"):
        engine.advance(bars_of([FLAT] * 3))


def test_an_engine_keeps_one_timeframe() -> None:
    engine = scripted()
    engine.advance(bars_of([FLAT] * 3))
    wide = bars_of([FLAT] * 5)
    with pytest.raises(InvalidInput, match="timeframe"):
        engine.advance(type(wide)(wide.time + 10**7, *[wide.close] * 4, wide.volume, 5 * MINUTE_MS))


def test_a_veto_refuses_entries_with_its_reason() -> None:
    engine = scripted()
    market = bars_of([FLAT] * 6)
    engine.controls.refuse_entries(RefusalReason.ADVISOR)
    (decision,) = engine.advance(market).decisions
    assert decision["reason"] == RefusalReason.ADVISOR
    engine.controls.entries_allowed = True
    assert engine.controls.entries_allowed


def test_a_pending_entry_is_refused_when_the_switch_falls_before_its_fill() -> None:
    engine = scripted()
    market = bars_of([FLAT] * 6)
    engine.advance(market.slice(0, 4))
    engine.controls.refuse_entries(RefusalReason.KILL_SWITCH)
    output = engine.advance(market.slice(4, 6))
    assert output.decisions["reason"].tolist() == [RefusalReason.KILL_SWITCH]
    assert len(output.fills) == 0


@pytest.mark.parametrize("name", ["market_making", "momentum_scalping"])
def test_history_given_as_warm_up_equals_a_backtest_that_trades_later(name: str) -> None:
    bars = wild_market()
    strategy = registry.get(name)
    whole = backtest(strategy, MarketData(PERPETUAL, bars), {}, account(), trade_from_ms=int(bars.time[1500]))
    engine = Engine(strategy, PERPETUAL, account(), {})
    engine.warm_up(bars.slice(0, 1500))
    output = engine.advance(bars.slice(1500, len(bars)))
    assert output.trades.tobytes() == whole.trades.tobytes()
    assert output.equity.tobytes() == whole.equity.tobytes()
    assert len(whole.trades) > 5
    assert whole.fills["time"].min() > bars.time[1500]


def test_features_after_the_last_bar_can_be_read_by_name() -> None:
    engine = Engine(registry.get("momentum_scalping"), PERPETUAL, account(), {})
    bars = wild_market(bars=400)
    engine.advance(bars)
    assert engine.features["return_1"] == pytest.approx(bars.close[-1] / bars.close[-2] - 1)
    assert not np.isnan(list(engine.features.values())).any()
