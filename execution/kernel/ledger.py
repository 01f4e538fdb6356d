"""Booking of fills: cash, lots first in first out, round-trip trades, funding."""

import math
from typing import Any

from execution.kernel.codes import AT_MARKET, AT_QUOTE, AT_TARGET, helper, routine
from execution.kernel.risk import count_outcome


@helper
def write_ticket(book: Any, time: int, side: int, kind: int, price: float, reason: int, version: int) -> None:
    """Prepare the next fill; `reason` is the exit reason in case it closes something."""
    ticket = book.ticket
    ticket.time = time
    ticket.side = side
    ticket.kind = kind
    ticket.price = price
    ticket.maker = 1 if kind in (AT_TARGET, AT_QUOTE) else 0
    ticket.exit_reason = reason
    ticket.decision = book.pending.seq if kind == AT_MARKET else 0
    ticket.version = version


@routine
def book_fill(book: Any, journal: Any, units: float, asked: float) -> None:
    """Book `units` of the prepared ticket: lots of the other side are closed first, the rest opens a lot."""
    engine = book.engine
    ticket = book.ticket
    engine.fill_seq += 1
    ticket.seq = engine.fill_seq
    ticket.quantity = units / book.rules.units_per_base
    notional = ticket.quantity * ticket.price
    ticket.fee = notional * (book.rules.maker_fee if ticket.maker else book.rules.taker_fee)
    ticket.slippage = ticket.quantity * (ticket.price - asked) * ticket.side
    engine.cash -= ticket.side * notional + ticket.fee
    engine.fees += ticket.fee
    engine.slippage += ticket.slippage
    engine.turnover += notional
    engine.room -= units
    opening = units
    if engine.units * ticket.side < 0.0:
        opening = _close_lots(book, journal, units)
    if opening > 0.0:
        _open_lot(book, opening, units)
    if opening == units:
        ticket.exit_reason = 0
    engine.quantity = engine.units / book.rules.units_per_base
    engine.entry_price = engine.cost / abs(engine.units) if engine.units != 0.0 else math.nan
    ticket.inventory = engine.quantity
    if journal.keep:
        journal.fills[journal.fill_count] = ticket
        journal.fill_count += 1


@helper
def _open_lot(book: Any, units: float, filled: float) -> None:
    engine = book.engine
    ticket = book.ticket
    if engine.lot_count == 0:
        engine.entry_bar = engine.bar
        engine.stop = math.nan
        engine.target = math.nan
    lot = book.lots[(engine.lot_first + engine.lot_count) % len(book.lots)]
    engine.lot_count += 1
    lot.time = ticket.time
    lot.bar = engine.bar
    lot.version = ticket.version
    lot.decision = ticket.decision
    lot.fill = ticket.seq
    lot.units = units
    lot.price = ticket.price
    lot.fee = ticket.fee / filled
    lot.slippage = ticket.slippage / filled
    lot.funding = 0.0
    lot.low = ticket.price
    lot.high = ticket.price
    lot.strength = abs(book.pending.strength) if ticket.kind == AT_MARKET else 0.0
    engine.units += ticket.side * units
    engine.cost += units * ticket.price


@helper
def _close_lots(book: Any, journal: Any, units: float) -> float:
    """Close up to `units` of the position, oldest lots first; returns the units left over."""
    engine = book.engine
    side = -book.ticket.side
    rest = units
    profit = 0.0
    while rest > 0.0 and engine.lot_count > 0:
        lot = book.lots[engine.lot_first]
        piece = min(rest, lot.units)
        profit += _close_piece(book, journal, lot, piece, piece / units)
        rest -= piece
        engine.units -= side * piece
        engine.cost -= piece * lot.price
        if piece == lot.units:
            engine.lot_first = (engine.lot_first + 1) % len(book.lots)
            engine.lot_count -= 1
        else:
            lot.funding *= 1.0 - piece / lot.units
            lot.units -= piece
    count_outcome(book, profit)
    engine.last_exit = book.ticket.exit_reason
    if engine.lot_count == 0:
        engine.units = 0.0
        engine.cost = 0.0
        engine.exit_bar = engine.bar
    return rest


@helper
def _close_piece(book: Any, journal: Any, lot: Any, units: float, share: float) -> float:
    """Journal the round trip of `units` of a lot, which bear `share` of the fill's costs; returns its profit."""
    engine = book.engine
    ticket = book.ticket
    quantity = units / book.rules.units_per_base
    gross = -ticket.side * (ticket.price - lot.price) * quantity
    fees = lot.fee * units + ticket.fee * share
    funding = lot.funding * (units / lot.units)
    pnl = gross - fees + funding
    engine.trades += 1
    engine.trade_seq += 1
    if journal.keep:
        row = journal.trades[journal.trade_count]
        journal.trade_count += 1
        row.seq = engine.trade_seq
        row.quantity = quantity
        row.gross_pnl = gross
        row.fees = fees
        row.funding = funding
        row.slippage = lot.slippage * units + ticket.slippage * share
        row.pnl = pnl
        row.bars_held = engine.bar - lot.bar
        _describe_trade(row, lot, ticket)
    return pnl


@helper
def _describe_trade(row: Any, lot: Any, ticket: Any) -> None:
    """When, at what prices, how far it went either way, and which fills, decision and versions it came from."""
    side = -ticket.side
    low = min(lot.low, ticket.price)
    high = max(lot.high, ticket.price)
    row.side = side
    row.entry_time = lot.time
    row.exit_time = ticket.time
    row.entry_price = lot.price
    row.exit_price = ticket.price
    row.mae = (lot.price - low if side > 0 else high - lot.price) / lot.price
    row.mfe = (high - lot.price if side > 0 else lot.price - low) / lot.price
    row.exit_reason = ticket.exit_reason
    row.strength = lot.strength
    row.decision = lot.decision
    row.entry_version = lot.version
    row.exit_version = ticket.version
    row.entry_fill = lot.fill
    row.exit_fill = ticket.seq


@helper
def settle_funding(book: Any, moment: int, rate: float, price: float) -> None:
    """Pay or receive one funding settlement on every lot: longs pay a positive rate."""
    engine = book.engine
    engine.funding_time = moment
    side = 1.0 if engine.units > 0.0 else -1.0
    for k in range(engine.lot_count):
        lot = book.lots[(engine.lot_first + k) % len(book.lots)]
        received = -side * lot.units / book.rules.units_per_base * price * rate
        lot.funding += received
        engine.funding += received
        engine.cash += received


@helper
def widen_extremes(book: Any, low: float, high: float) -> None:
    """Take a bar's range into the lots, newest first: a lot's range covers that of every newer lot."""
    engine = book.engine
    for k in range(engine.lot_count - 1, -1, -1):
        lot = book.lots[(engine.lot_first + k) % len(book.lots)]
        if lot.low <= low and lot.high >= high:
            return
        lot.low = min(lot.low, low)
        lot.high = max(lot.high, high)
