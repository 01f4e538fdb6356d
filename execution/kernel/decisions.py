"""Decisions: every signal is journaled once, when its fate is known. The pending order is a decision without a fate."""

import math
from typing import Any

from execution.kernel.codes import ENTRY, EXECUTED, EXIT, NEAR, NEAR_EVERY, REFUSED, helper


@helper
def pend_entry(book: Any, want: Any, units: float, time: int, price: float) -> None:
    """Let a signal wait for the next open."""
    _signal(book, want, time, price)
    book.pending.quantity = units / book.rules.units_per_base
    book.engine.pending_units = units
    book.engine.orders_this_hour += 1


@helper
def pend_exit(book: Any, reason: int, version: int, time: int, price: float) -> None:
    """Let the closing of the whole position wait for the next open."""
    pending = book.pending
    pending.seq = 0
    pending.time = time
    pending.kind = EXIT
    pending.side = -1 if book.engine.units > 0.0 else 1
    pending.strength = 0.0
    pending.exit_reason = reason
    pending.price = price
    pending.stop = math.nan
    pending.target = math.nan
    pending.quantity = abs(book.engine.quantity)
    pending.version = version


@helper
def execute_pending(book: Any, journal: Any, units: float) -> None:
    """Journal the pending order as executed; one that fills over several bars is one decision."""
    if book.pending.seq == 0:
        book.pending.quantity = units / book.rules.units_per_base
        _write(book, journal, EXECUTED, 0)


@helper
def refuse_pending(book: Any, journal: Any, reason: int) -> None:
    """Journal the pending order as refused and forget it."""
    _write(book, journal, REFUSED, reason)
    book.pending.kind = 0


@helper
def refuse_entry(book: Any, journal: Any, want: Any, time: int, price: float, reason: int) -> None:
    """Journal a signal that a rule refused at once."""
    _signal(book, want, time, price)
    refuse_pending(book, journal, reason)


@helper
def note_near_miss(book: Any, journal: Any, want: Any, time: int, price: float) -> None:
    """Journal a signal close to its threshold, or one that the strategy's own filter held back; rarely enough."""
    engine = book.engine
    if engine.bar < engine.near_bar:
        return
    engine.near_bar = engine.bar + NEAR_EVERY
    _signal(book, want, time, price)
    book.pending.side = 1 if want.strength > 0.0 else -1
    _write(book, journal, NEAR, 0)
    book.pending.kind = 0


@helper
def _signal(book: Any, want: Any, time: int, price: float) -> None:
    pending = book.pending
    pending.seq = 0
    pending.time = time
    pending.kind = ENTRY
    pending.side = int(want.side)
    pending.strength = abs(want.strength)
    pending.exit_reason = 0
    pending.price = price
    pending.stop = want.stop
    pending.target = want.target
    pending.quantity = 0.0
    pending.version = book.engine.version


@helper
def _write(book: Any, journal: Any, fate: int, reason: int) -> None:
    book.engine.decision_seq += 1
    pending = book.pending
    pending.seq = book.engine.decision_seq
    pending.fate = fate
    pending.reason = reason
    if journal.keep:
        journal.decisions[journal.decision_count] = pending
        journal.decision_count += 1
