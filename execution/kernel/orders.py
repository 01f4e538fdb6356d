"""Orders of a directional strategy: from the step's wish to the pending market order, its fill, and its protection."""

import math
from typing import Any

from execution.kernel.codes import (
    AT_MARKET,
    AT_STOP,
    AT_TARGET,
    BY_FLATTEN,
    BY_STOP,
    BY_TARGET,
    ENTRY,
    NO_VOLUME,
    helper,
)
from execution.kernel.decisions import (
    execute_pending,
    note_near_miss,
    pend_entry,
    pend_exit,
    refuse_entry,
    refuse_pending,
)
from execution.kernel.ledger import book_fill, write_ticket
from execution.kernel.prices import market_price, too_small
from execution.kernel.risk import entry_refusal, size_entry
from strategies.frame import NEAR_THRESHOLD


@helper
def fill_pending(book: Any, journal: Any, time: int, open_price: float) -> None:
    """Fill the market order decided at the previous close: an entry once, an exit until nothing is left."""
    if book.pending.kind == ENTRY:
        _fill_entry(book, journal, time, open_price)
    else:
        _fill_exit(book, journal, time, open_price)


@helper
def _fill_entry(book: Any, journal: Any, time: int, open_price: float) -> None:
    engine = book.engine
    pending = book.pending
    price = market_price(open_price, pending.side, book.rules)
    units = min(engine.pending_units, engine.room)
    if book.controls.entry_refusal != 0:
        refuse_pending(book, journal, book.controls.entry_refusal)
        return
    if too_small(units, price, book.rules):
        refuse_pending(book, journal, NO_VOLUME)
        return
    execute_pending(book, journal, units)
    write_ticket(book, time, pending.side, AT_MARKET, price, 0, pending.version)
    book_fill(book, journal, units, open_price)
    engine.stop = pending.stop
    engine.target = pending.target
    engine.stop_version = pending.version
    engine.target_version = pending.version
    pending.kind = 0


@helper
def _fill_exit(book: Any, journal: Any, time: int, open_price: float) -> None:
    engine = book.engine
    pending = book.pending
    units = min(abs(engine.units), engine.room)
    if units > 0.0:
        pending.side = -1 if engine.units > 0.0 else 1
        execute_pending(book, journal, abs(engine.units))
        price = market_price(open_price, pending.side, book.rules)
        write_ticket(book, time, pending.side, AT_MARKET, price, pending.exit_reason, pending.version)
        book_fill(book, journal, units, open_price)
    if engine.units == 0.0:
        pending.kind = 0


@helper
def protect(book: Any, journal: Any, time: int, open_price: float, high: float, low: float) -> bool:
    """Stop and target of the open position. The open decides first; inside the bar the stop comes before the target.

    Returns whether the stop was touched.
    """
    engine = book.engine
    stop = engine.stop
    target = engine.target
    if engine.units > 0.0:
        gap_stop, gap_target = open_price <= stop, open_price > target
        hit_stop, hit_target = low <= stop, high > target
    else:
        gap_stop, gap_target = open_price >= stop, open_price < target
        hit_stop, hit_target = high >= stop, low < target
    if gap_target and not gap_stop:
        _leave_by_target(book, journal, time, open_price)
        return False
    if hit_stop:
        _leave_by_stop(book, journal, time, open_price if gap_stop else stop)
        return True
    if hit_target:
        _leave_by_target(book, journal, time, target)
    return False


@helper
def _leave_by_stop(book: Any, journal: Any, time: int, asked: float) -> None:
    """A market order at the stop; what the bar's volume does not take stays as a pending exit."""
    engine = book.engine
    side = -1 if engine.units > 0.0 else 1
    units = min(abs(engine.units), engine.room)
    if units > 0.0:
        write_ticket(book, time, side, AT_STOP, market_price(asked, side, book.rules), BY_STOP, engine.stop_version)
        book_fill(book, journal, units, asked)
    engine.stop = math.nan
    book.pending.kind = 0
    if engine.units != 0.0:
        pend_exit(book, BY_STOP, engine.stop_version, time, asked)


@helper
def _leave_by_target(book: Any, journal: Any, time: int, price: float) -> None:
    """A resting limit order at the target: maker fee, no slippage; what is not filled stays."""
    engine = book.engine
    units = min(abs(engine.units), engine.room)
    if units > 0.0:
        side = -1 if engine.units > 0.0 else 1
        write_ticket(book, time, side, AT_TARGET, price, BY_TARGET, engine.target_version)
        book_fill(book, journal, units, price)
    if engine.units == 0.0:
        book.pending.kind = 0


@helper
def take_wishes(book: Any, journal: Any, want: Any, time: int, price: float) -> None:
    """Turn what the step wants at the close (`time` is the close's) into the pending order, or say why not."""
    if book.engine.units != 0.0:
        _manage_position(book, want, time, price)
    elif want.side != 0.0:
        _consider_entry(book, journal, want, time, price)
    elif abs(want.strength) >= NEAR_THRESHOLD:
        note_near_miss(book, journal, want, time, price)


@helper
def _manage_position(book: Any, want: Any, time: int, price: float) -> None:
    """Move stop and target, and let an exit wait for the next open."""
    engine = book.engine
    if not math.isnan(want.stop):
        engine.stop = want.stop
        engine.stop_version = engine.version
    if not math.isnan(want.target):
        engine.target = want.target
        engine.target_version = engine.version
    reason = BY_FLATTEN if book.controls.flatten != 0 else int(want.exit)
    if reason != 0 and book.pending.kind == 0:
        pend_exit(book, reason, engine.version, time, price)


@helper
def _consider_entry(book: Any, journal: Any, want: Any, time: int, price: float) -> None:
    refusal = entry_refusal(book)
    units = 0.0
    if refusal == 0:
        units, refusal = size_entry(book, price, want.side, want.stop)
    if refusal == 0:
        pend_entry(book, want, units, time, price)
    else:
        refuse_entry(book, journal, want, time, price, refusal)
