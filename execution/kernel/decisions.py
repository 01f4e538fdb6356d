"""Decisions: every signal is journaled once, when its fate is known."""

from execution.kernel.codes import ENTRY, EXECUTED, EXIT, NEAR, NEAR_EVERY, REFUSED, helper


@helper
def _write(book, journal, time, kind, side, strength, fate, reason, exit_reason, price, stop, target, units, version):  # type: ignore[no-untyped-def]
    book.engine.decision_seq += 1
    if journal.keep:
        row = journal.decisions[journal.decision_count]
        journal.decision_count += 1
        row.seq = book.engine.decision_seq
        row.time = time
        row.kind = kind
        row.side = side
        row.strength = abs(strength)
        row.fate = fate
        row.reason = reason
        row.exit_reason = exit_reason
        row.price = price
        row.stop = stop
        row.target = target
        row.quantity = units / book.rules.units_per_base
        row.version = version


@helper
def pending_executed(book, journal, units):  # type: ignore[no-untyped-def]
    """Journal the pending order as executed; an order that fills in several bars is one decision."""
    engine = book.engine
    if engine.pending_decision != 0:
        return
    _write_pending(book, journal, EXECUTED, 0, units)
    engine.pending_decision = engine.decision_seq


@helper
def pending_refused(book, journal, reason):  # type: ignore[no-untyped-def]
    """Journal the pending order as refused and forget it."""
    _write_pending(book, journal, REFUSED, reason, book.engine.pending_units)
    book.engine.pending_kind = 0


@helper
def _write_pending(book, journal, fate, reason, units):  # type: ignore[no-untyped-def]
    e = book.engine
    _write(
        book, journal, e.pending_time, e.pending_kind, e.pending_side, e.pending_strength, fate, reason,
        e.pending_reason if e.pending_kind == EXIT else 0,
        e.pending_price, e.pending_stop, e.pending_target, units, e.pending_version,
    )  # fmt: skip


@helper
def entry_refused(book, journal, time, want, price, reason):  # type: ignore[no-untyped-def]
    """Journal a signal that a rule refused at once."""
    _write(
        book, journal, time, ENTRY, int(want.side), want.strength, REFUSED, reason, 0,
        price, want.stop, want.target, 0.0, book.engine.version,
    )  # fmt: skip


@helper
def near_miss(book, journal, time, want, price):  # type: ignore[no-untyped-def]
    """Journal a signal close to its threshold, or one that the strategy's own filter held back; rarely enough."""
    engine = book.engine
    if engine.bar < engine.near_bar:
        return
    engine.near_bar = engine.bar + NEAR_EVERY
    _write(
        book, journal, time, ENTRY, 1 if want.strength > 0.0 else -1, want.strength, NEAR, 0, 0,
        price, want.stop, want.target, 0.0, engine.version,
    )  # fmt: skip
