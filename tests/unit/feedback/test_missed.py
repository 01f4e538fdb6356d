"""Signals that came to nothing, played out on the bars that followed."""

from dataclasses import replace

import numpy as np
import pytest

from core.clock import MINUTE_MS, from_ms
from core.market import Bars
from feedback.missed import HORIZON_BARS, Costs, Scene, missed_opportunities, play_out
from storage.queries.day import IdleSignal

START_MS = 1_700_000_040_000 // MINUTE_MS * MINUTE_MS
FREE = Costs(maker=0.0, taker=0.0, slippage=0.0)


def _bars(*rows: tuple[float, float, float, float]) -> Bars:
    """Bars of (open, high, low, close) from START_MS on."""
    columns = np.array(rows, dtype=float).T
    time = START_MS + MINUTE_MS * np.arange(len(rows), dtype=np.int64)
    return Bars(time, *columns, np.ones(len(rows)))


def _signal(side: int, stop: float | None, target: float | None, minute: int = 0, reason: str = "near") -> IdleSignal:
    return IdleSignal("m.BTC", minute, from_ms(START_MS + minute * MINUTE_MS), side, 0.9, reason, stop, target)


RISING = _bars((100, 100.5, 99.8, 100.2), (100.2, 101.5, 100, 101.4), (101.4, 103, 101, 102.5))


def test_a_long_that_reaches_its_target_would_have_paid() -> None:
    outcome = play_out(_signal(1, stop=99, target=102), Scene(RISING, FREE))
    assert outcome.net == pytest.approx(0.02)
    assert outcome.ends_ms == START_MS + 3 * MINUTE_MS


def test_the_same_moment_as_a_short_would_have_lost_at_its_stop() -> None:
    assert play_out(_signal(-1, stop=101, target=98), Scene(RISING, FREE)).net == pytest.approx(-0.01)


def test_a_bar_that_touches_both_counts_as_stopped() -> None:
    both = _bars((100, 103, 97, 100))
    assert play_out(_signal(1, stop=98, target=102), Scene(both, FREE)).net == pytest.approx(-0.02)


def test_a_gap_through_the_stop_fills_at_the_open() -> None:
    gap = _bars((100, 100, 100, 100), (95, 96, 94, 95))
    assert play_out(_signal(1, stop=98, target=110), Scene(gap, FREE)).net == pytest.approx(-0.05)


def test_a_target_that_is_only_touched_is_not_filled() -> None:
    touched = _bars((100, 102, 99, 101))
    assert play_out(_signal(1, stop=98, target=102), Scene(touched, FREE)).net is None


def test_costs_are_paid_on_both_sides() -> None:
    costs = Costs(maker=0.0002, taker=0.0005, slippage=0.0001)
    entry = 100 * 1.0001
    expected = (102 - entry) / entry - 0.0005 - 0.0002 * 102 / entry
    assert play_out(_signal(1, stop=99, target=102), Scene(RISING, costs)).net == pytest.approx(expected)


def test_a_win_that_costs_eat_is_counted_as_lost() -> None:
    dear = Costs(maker=0.02, taker=0.02, slippage=0.0)
    counted = missed_opportunities([_signal(1, stop=99, target=102)], {"m.BTC": Scene(RISING, dear)})
    assert (counted.would_have_paid, counted.would_have_lost) == (0, 1)


@pytest.mark.parametrize(
    "signal",
    [
        _signal(1, stop=None, target=102),
        _signal(1, stop=99, target=None),
        _signal(1, stop=90, target=110),
        _signal(1, stop=99, target=102, minute=7),
    ],
    ids=["no stop", "no target", "neither reached", "no bar follows"],
)
def test_what_cannot_be_decided_is_undecided(signal: IdleSignal) -> None:
    assert play_out(signal, Scene(RISING, FREE)).net is None


def test_after_four_hours_it_is_out_at_the_market() -> None:
    flat = [(100.0, 100.0, 100.0, 100.0)] * (HORIZON_BARS - 1)
    late = _bars(*flat, (100, 100.5, 100, 100.4), (100, 105, 100, 104))
    assert play_out(_signal(1, 99, 101), Scene(late, FREE)).net == pytest.approx(0.004)
    costs = Costs(maker=0.0, taker=0.001, slippage=0.0)
    assert play_out(_signal(1, 99, 101), Scene(late, costs)).net == pytest.approx(0.004 - 0.001 - 0.001 * 1.004)


def test_bars_that_end_before_the_outcome_decide_nothing() -> None:
    flat = [(100.0, 100.0, 100.0, 100.0)] * (HORIZON_BARS - 1)
    assert play_out(_signal(1, 99, 101), Scene(_bars(*flat), FREE)).net is None


def test_repeated_signals_while_the_first_would_still_be_in_the_market_are_one_opportunity() -> None:
    signals = [_signal(1, 99, 102, minute=m) for m in range(3)]
    counted = missed_opportunities(signals, {"m.BTC": Scene(RISING, FREE)})
    assert (counted.signals, counted.would_have_paid) == (1, 1)


def test_gains_and_losses_are_counted_alike_and_by_reason() -> None:
    signals = [
        _signal(1, 99, 102),
        _signal(-1, 101, 98, reason="daily_loss"),
        replace(_signal(1, None, None), instance_id="elsewhere"),
    ]
    counted = missed_opportunities(signals, {"m.BTC": Scene(RISING, FREE)})
    assert (counted.signals, counted.would_have_paid, counted.would_have_lost, counted.undecided) == (2, 1, 1, 0)
    assert counted.net_fraction == pytest.approx(0.01)
    assert counted.by_reason == {"daily_loss": 1, "near": 1}
