"""Orders of a directional strategy: from the step's wish to the pending market order, its fill, and its protection."""

import math

from execution.kernel.codes import (
    AT_MARKET,
    AT_STOP,
    AT_TARGET,
    BY_FLATTEN,
    BY_STOP,
    BY_TARGET,
    ENTRY,
    EXIT,
    NO_VOLUME,
    helper,
)
from execution.kernel.decisions import entry_refused, near_miss, pending_executed, pending_refused
from execution.kernel.ledger import book_fill
from execution.kernel.prices import market_price, too_small
from execution.kernel.risk import entry_refusal, size_entry


@helper
def fill_pending(book, journal, time, open_price):  # type: ignore[no-untyped-def]
    """Fill the market order decided at the previous close: an entry once, an exit until nothing is left."""
    engine = book.engine
    rules = book.rules
    if engine.pending_kind == EXIT:
        engine.pending_side = -1 if engine.units > 0.0 else 1
    side = engine.pending_side
    price = market_price(open_price, side, rules)
    if engine.pending_kind == ENTRY:
        units = min(engine.pending_units, engine.room)
        if book.controls.entry_refusal != 0:
            pending_refused(book, journal, book.controls.entry_refusal)
            return
        if too_small(units, price, rules):
            pending_refused(book, journal, NO_VOLUME)
            return
    else:
        units = min(abs(engine.units), engine.room)
        if units <= 0.0:
            engine.pending_kind = 0 if engine.units == 0.0 else EXIT
            return
    pending_executed(book, journal, units)
    book_fill(
        book, journal, time, side, units, price, open_price, rules.taker_fee, AT_MARKET, 0,
        engine.pending_reason, engine.pending_decision, engine.pending_version, abs(engine.pending_strength),
    )  # fmt: skip
    if engine.pending_kind == ENTRY:
        engine.stop = engine.pending_stop
        engine.target = engine.pending_target
        engine.stop_version = engine.pending_version
        engine.target_version = engine.pending_version
    if engine.pending_kind == ENTRY or engine.units == 0.0:
        engine.pending_kind = 0


@helper
def protect(book, journal, time, open_price, high, low):  # type: ignore[no-untyped-def]
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
def _leave_by_stop(book, journal, time, asked):  # type: ignore[no-untyped-def]
    """A market order at the stop; what the bar's volume does not take stays as a pending exit."""
    engine = book.engine
    side = -1 if engine.units > 0.0 else 1
    units = min(abs(engine.units), engine.room)
    version = engine.stop_version
    if units > 0.0:
        price = market_price(asked, side, book.rules)
        book_fill(
            book, journal, time, side, units, price, asked, book.rules.taker_fee, AT_STOP, 0,
            BY_STOP, 0, version, 0.0,
        )  # fmt: skip
    _pull_stop(book, side, version, time)


@helper
def _pull_stop(book, side, version, time):  # type: ignore[no-untyped-def]
    engine = book.engine
    engine.stop = math.nan
    engine.pending_kind = 0
    if engine.units != 0.0:
        _pend_exit(book, side, BY_STOP, version, time, math.nan)


@helper
def _leave_by_target(book, journal, time, asked):  # type: ignore[no-untyped-def]
    """A resting limit order at the target: maker fee, no slippage; what is not filled stays."""
    engine = book.engine
    units = min(abs(engine.units), engine.room)
    if units > 0.0:
        book_fill(
            book, journal, time, -1 if engine.units > 0.0 else 1, units, asked, asked, book.rules.maker_fee,
            AT_TARGET, 1, BY_TARGET, 0, engine.target_version, 0.0,
        )  # fmt: skip
    if engine.units == 0.0:
        engine.pending_kind = 0


@helper
def _pend_exit(book, side, reason, version, time, price):  # type: ignore[no-untyped-def]
    engine = book.engine
    engine.pending_kind = EXIT
    engine.pending_side = side
    engine.pending_time = time
    engine.pending_reason = reason
    engine.pending_version = version
    engine.pending_decision = 0
    engine.pending_units = abs(engine.units)
    engine.pending_stop = math.nan
    engine.pending_target = math.nan
    engine.pending_strength = 0.0
    engine.pending_price = price


@helper
def _pend_entry(book, want, units, time, price):  # type: ignore[no-untyped-def]
    engine = book.engine
    engine.pending_kind = ENTRY
    engine.pending_side = int(want.side)
    engine.pending_time = time
    engine.pending_reason = 0
    engine.pending_version = engine.version
    engine.pending_decision = 0
    engine.pending_units = units
    engine.pending_stop = want.stop
    engine.pending_target = want.target
    engine.pending_strength = want.strength
    engine.pending_price = price
    engine.orders_this_hour += 1


@helper
def take_wishes(book, journal, want, time, price):  # type: ignore[no-untyped-def]
    """Turn what the step wants at the close (`time` is the close's) into the pending order, or say why not."""
    engine = book.engine
    if engine.units != 0.0:
        if want.stop == want.stop:
            engine.stop = want.stop
            engine.stop_version = engine.version
        if want.target == want.target:
            engine.target = want.target
            engine.target_version = engine.version
        reason = BY_FLATTEN if book.controls.flatten != 0 else int(want.exit)
        if reason != 0 and engine.pending_kind == 0:
            _pend_exit(book, -1 if engine.units > 0.0 else 1, reason, engine.version, time, price)
    elif want.side != 0.0:
        refusal = entry_refusal(book)
        if refusal == 0:
            units, refusal = size_entry(book, price, want.side, want.stop)
        if refusal == 0:
            _pend_entry(book, want, units, time, price)
        else:
            entry_refused(book, journal, time, want, price, refusal)
    elif abs(want.strength) >= 0.8:
        near_miss(book, journal, time, want, price)
