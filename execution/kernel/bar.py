"""What happens to the account on one bar, and what the step is shown of it."""

import math
from typing import Any

from execution.kernel.codes import AT_RESTART, ENTRY, NEXT_ORDER, STALE, WHEN_FLAT, helper
from execution.kernel.decisions import refuse_pending
from execution.kernel.ledger import widen_extremes
from execution.kernel.orders import fill_pending, protect
from execution.kernel.prices import volume_room
from execution.kernel.quotes import fill_quotes, pull_quotes
from strategies.frame import NEAR_THRESHOLD


@helper
def is_engaged(book: Any) -> bool:
    """Whether there is anything that a bar could do to the account: an order, a position, a quote."""
    engine = book.engine
    return book.pending.kind != 0 or engine.units != 0.0 or engine.quote_count != 0


@helper
def meet_bar(book: Any, journal: Any, bar: Any, tradable: bool) -> None:
    """Let what is pending, held or quoted meet the bar, then mark the account to its close."""
    if tradable:
        _trade_bar(book, journal, bar)
    else:
        _observe_bar(book, journal)
    _value(book, bar)


@helper
def _trade_bar(book: Any, journal: Any, bar: Any) -> None:
    """The pending market order at the open, then stop and target, then resting quotes."""
    engine = book.engine
    time = int(bar.time)
    engine.room = volume_room(bar.volume, book.rules)
    if book.pending.kind != 0:
        fill_pending(book, journal, time, bar.open)
    if engine.units != 0.0 and protect(book, journal, time, bar.open, bar.high, bar.low):
        pull_quotes(book)
    if engine.quote_count > 0:
        fill_quotes(book, journal, time, bar.high, bar.low)


@helper
def _observe_bar(book: Any, journal: Any) -> None:
    """Nothing trades on this bar: quotes are pulled and a pending entry is too old; a pending exit waits."""
    if book.pending.kind == ENTRY:
        refuse_pending(book, journal, STALE)
    if book.engine.quote_count > 0:
        pull_quotes(book)


@helper
def _value(book: Any, bar: Any) -> None:
    """Mark the account to the close; follow the best and worst prices of open lots, the peak and the drawdown."""
    engine = book.engine
    if engine.units == 0.0:
        engine.equity = engine.cash
    else:
        engine.exposed_bars += 1
        if bar.volume > 0.0:
            widen_extremes(book, bar.low, bar.high)
        engine.equity = engine.cash + engine.quantity * bar.close
    engine.peak = max(engine.peak, engine.equity)
    engine.drawdown = max(engine.drawdown, engine.peak - engine.equity)


@helper
def staged_is_due(book: Any) -> bool:
    """Whether the moment of the staged parameter set has come."""
    engine = book.engine
    mode = engine.staged_mode
    if mode == AT_RESTART:
        return False
    if mode >= NEXT_ORDER and (book.pending.kind != 0 or engine.quote_count > 0):
        return False
    return mode != WHEN_FLAT or engine.units == 0.0


@helper
def adopt_staged(engine: Any, parameters: Any, staged: Any) -> None:
    """The staged values become the step's own; everything from here on carries their version."""
    for k in range(len(parameters)):
        parameters[k] = staged[k]
    engine.version = engine.staged_version
    engine.staged_mode = 0


@helper
def show_position(book: Any, position: Any, close: float) -> None:
    """The account as the step may see it (strategies.frame.POSITION), but for `bars_flat`, which every bar changes."""
    engine = book.engine
    position.resting = engine.quote_count
    position.last_exit = engine.last_exit
    position.quantity = engine.quantity
    if engine.units != 0.0:
        position.entry_price = engine.entry_price
        position.notional = position.quantity * close
        change = close / engine.entry_price - 1.0
        position.profit = change if engine.units > 0.0 else -change
        position.bars_held = engine.bar - engine.entry_bar + 1
    else:
        position.entry_price = math.nan
        position.notional = 0.0
        position.profit = 0.0
        position.bars_held = 0.0


@helper
def clear_wishes(want: Any) -> None:
    want.side = 0.0
    want.exit = 0.0
    want.strength = 0.0
    want.stop = math.nan
    want.target = math.nan
    want.refresh = 0.0
    want.layers = 0.0


@helper
def has_wishes(want: Any) -> bool:
    """Whether the step asked for anything, or came near to it, on a bar without position, order or quote."""
    return want.side != 0.0 or want.refresh != 0.0 or abs(want.strength) >= NEAR_THRESHOLD
