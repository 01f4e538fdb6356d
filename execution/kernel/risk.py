"""The rules that stand between a signal and an order."""

from typing import Any

from execution.kernel.codes import (
    CONSECUTIVE_LOSSES,
    DAILY_LOSS,
    DAY_MS,
    DRAWDOWN,
    HOUR_MS,
    MAX_NOTIONAL,
    NO_SHORTS,
    ORDER_RATE,
    TOO_SMALL,
    helper,
)
from execution.kernel.prices import too_small, whole_units


@helper
def start_periods(book: Any, time: int) -> int:
    """Begin a new UTC day or clock hour: daily loss and order rate start from zero. Returns when the hour ends."""
    engine = book.engine
    hour = time // HOUR_MS
    if hour != engine.hour:
        engine.hour = hour
        engine.orders_this_hour = 0
        day = time // DAY_MS
        if day != engine.day:
            engine.day = day
            engine.day_start = engine.equity
    return (hour + 1) * HOUR_MS


@helper
def count_outcome(book: Any, profit: float) -> None:
    """Count one closing fill; too many losses in a row start a pause of entries."""
    engine = book.engine
    engine.losses_in_a_row = engine.losses_in_a_row + 1 if profit < 0.0 else 0
    if engine.losses_in_a_row >= book.rules.max_consecutive_losses:
        engine.paused_until = engine.bar + book.rules.pause_bars
        engine.losses_in_a_row = 0


@helper
def entry_refusal(book: Any) -> int:
    """The reason why no entry of any kind may be made now, or 0."""
    engine = book.engine
    rules = book.rules
    if book.controls.entry_refusal != 0:
        return book.controls.entry_refusal
    if engine.day_start - engine.equity >= rules.max_daily_loss * rules.capital:
        return DAILY_LOSS
    if engine.bar < engine.paused_until:
        return CONSECUTIVE_LOSSES
    if engine.peak - engine.equity >= rules.max_drawdown * rules.capital:
        return DRAWDOWN
    if engine.orders_this_hour >= rules.max_orders_per_hour:
        return ORDER_RATE
    return 0


@helper
def size_entry(book: Any, price: float, side: int, stop: float) -> tuple[float, int]:
    """Units that risk the account's fraction between price and stop, within limits, and a refusal reason or 0.

    An entry without a stop on the losing side of the price has no size and is refused as too small.
    """
    rules = book.rules
    if side < 0.0 and rules.can_short == 0:
        return 0.0, NO_SHORTS
    distance = side * (price - stop)
    if not distance > 0.0:
        return 0.0, TOO_SMALL
    wanted = rules.capital * rules.risk_fraction / distance
    units = whole_units(min(wanted, rules.max_notional / price), rules)
    if too_small(units, price, rules):
        return 0.0, TOO_SMALL if too_small(whole_units(wanted, rules), price, rules) else MAX_NOTIONAL
    return units, 0
