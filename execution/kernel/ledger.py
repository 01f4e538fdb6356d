"""Booking of fills: cash, lots first in first out, round-trip trades, funding."""

import math

from execution.kernel.codes import helper
from execution.kernel.risk import count_outcome


@helper
def book_fill(
    book, journal, time, side, units, price, asked, fee_rate, kind, maker, reason, decision, version, strength
):  # type: ignore[no-untyped-def]
    """Book one execution: close lots of the other side first, open a lot with the rest. Returns nothing; money moves."""
    engine = book.engine
    quantity = units / book.rules.units_per_base
    fee = quantity * price * fee_rate
    slippage = quantity * (price - asked) * side
    engine.cash -= side * quantity * price + fee
    engine.fees += fee
    engine.slippage += slippage
    engine.turnover += quantity * price
    engine.room -= units
    engine.fill_seq += 1
    opening = units
    if engine.units * side < 0.0:
        opening = _close_lots(book, journal, time, units, price, fee / units, slippage / units, reason, version)
    if opening > 0.0:
        _open_lot(book, time, side, opening, price, fee / units, slippage / units, decision, version, strength)
    engine.quantity = engine.units / book.rules.units_per_base
    engine.entry_price = engine.cost / abs(engine.units) if engine.units != 0.0 else math.nan
    if journal.keep:
        row = journal.fills[journal.fill_count]
        journal.fill_count += 1
        row.seq = engine.fill_seq
        row.time = time
        row.side = side
        row.kind = kind
        row.quantity = quantity
        row.price = price
        row.fee = fee
        row.slippage = slippage
        row.maker = maker
        row.exit_reason = reason if opening < units else 0
        row.decision = decision
        row.version = version
        row.inventory = engine.quantity


@helper
def _open_lot(book, time, side, units, price, fee, slippage, decision, version, strength):  # type: ignore[no-untyped-def]
    engine = book.engine
    if engine.lot_count == 0:
        engine.entry_bar = engine.bar
        engine.stop = math.nan
        engine.target = math.nan
    lot = book.lots[(engine.lot_first + engine.lot_count) % len(book.lots)]
    engine.lot_count += 1
    lot.time = time
    lot.bar = engine.bar
    lot.version = version
    lot.decision = decision
    lot.fill = engine.fill_seq
    lot.units = units
    lot.price = price
    lot.fee = fee
    lot.slippage = slippage
    lot.funding = 0.0
    lot.low = price
    lot.high = price
    lot.strength = strength
    engine.units += side * units
    engine.cost += units * price


@helper
def _close_lots(book, journal, time, units, price, fee, slippage, reason, version):  # type: ignore[no-untyped-def]
    """Close up to `units` of the position, oldest lots first; returns the units left over."""
    engine = book.engine
    side = 1 if engine.units > 0.0 else -1
    rest = units
    outcome = 0.0
    while rest > 0.0 and engine.lot_count > 0:
        lot = book.lots[engine.lot_first]
        piece = min(rest, lot.units)
        outcome += _write_trade(book, journal, lot, time, side, piece, price, fee, slippage, reason, version)
        rest -= piece
        engine.units -= side * piece
        engine.cost -= piece * lot.price
        if piece == lot.units:
            engine.lot_first = (engine.lot_first + 1) % len(book.lots)
            engine.lot_count -= 1
        else:
            lot.funding *= 1.0 - piece / lot.units
            lot.units -= piece
    count_outcome(book, outcome)
    engine.last_exit = reason
    if engine.lot_count == 0:
        engine.units = 0.0
        engine.cost = 0.0
        engine.exit_bar = engine.bar
    return rest


@helper
def _write_trade(book, journal, lot, time, side, units, price, fee, slippage, reason, version):  # type: ignore[no-untyped-def]
    """Journal the round trip of `units` of a lot and return its profit."""
    engine = book.engine
    quantity = units / book.rules.units_per_base
    gross = side * (price - lot.price) * quantity
    fees = (lot.fee + fee) * units
    funding = lot.funding * (units / lot.units)
    pnl = gross - fees + funding
    engine.trades += 1
    engine.trade_seq += 1
    if journal.keep:
        low = min(lot.low, price)
        high = max(lot.high, price)
        row = journal.trades[journal.trade_count]
        journal.trade_count += 1
        row.seq = engine.trade_seq
        row.side = side
        row.quantity = quantity
        row.entry_time = lot.time
        row.exit_time = time
        row.entry_price = lot.price
        row.exit_price = price
        row.gross_pnl = gross
        row.fees = fees
        row.funding = funding
        row.slippage = (lot.slippage + slippage) * units
        row.pnl = pnl
        row.mae = max((lot.price - low if side > 0 else high - lot.price) / lot.price, 0.0)
        row.mfe = max((high - lot.price if side > 0 else lot.price - low) / lot.price, 0.0)
        row.bars_held = engine.bar - lot.bar
        row.exit_reason = reason
        row.strength = lot.strength
        row.decision = lot.decision
        row.entry_version = lot.version
        row.exit_version = version
        row.entry_fill = lot.fill
        row.exit_fill = engine.fill_seq
    return pnl


@helper
def settle_funding(book, moment, rate, price):  # type: ignore[no-untyped-def]
    """Pay or receive one funding settlement on every lot: longs pay a positive rate."""
    engine = book.engine
    engine.funding_time = moment
    side = 1.0 if engine.units > 0.0 else -1.0
    for k in range(engine.lot_count):
        lot = book.lots[(engine.lot_first + k) % len(book.lots)]
        paid = -side * lot.units / book.rules.units_per_base * price * rate
        lot.funding += paid
        engine.funding += paid
        engine.cash += paid


@helper
def widen_extremes(book, low, high):  # type: ignore[no-untyped-def]
    """Take a bar's range into the lots, newest first: a lot's range covers that of every newer lot."""
    engine = book.engine
    for k in range(engine.lot_count - 1, -1, -1):
        lot = book.lots[(engine.lot_first + k) % len(book.lots)]
        if lot.low <= low and lot.high >= high:
            return
        lot.low = min(lot.low, low)
        lot.high = max(lot.high, high)
