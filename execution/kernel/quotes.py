"""Resting quotes of a market maker: placed at the close, filled when a later bar trades strictly through them."""

import math
from typing import Any

from execution.kernel.codes import AT_QUOTE, BY_QUOTE, helper
from execution.kernel.ledger import book_fill, write_ticket
from execution.kernel.prices import on_grid, too_small, whole_units
from execution.kernel.risk import entry_refusal


@helper
def pull_quotes(book: Any) -> None:
    """Cancel every resting quote."""
    for k in range(len(book.quotes)):
        book.quotes[k].side = 0
    book.engine.quote_count = 0
    book.engine.best_bid = 0.0
    book.engine.best_ask = math.inf


@helper
def fill_quotes(book: Any, journal: Any, time: int, high: float, low: float) -> None:
    """Fill at their own price the quotes that the bar traded through, best first, within volume and inventory."""
    if low >= book.engine.best_bid and high <= book.engine.best_ask:
        return
    for k in range(len(book.quotes)):
        quote = book.quotes[k]
        if (quote.side > 0 and low < quote.price) or (quote.side < 0 and high > quote.price):
            units = min(quote.units, book.engine.room, _inventory_room(book, quote))
            if units <= 0.0:
                continue
            write_ticket(book, time, quote.side, AT_QUOTE, quote.price, BY_QUOTE, quote.version)
            book_fill(book, journal, units, quote.price)
            quote.units -= units
            if quote.units <= 0.0:
                quote.side = 0
                book.engine.quote_count -= 1


@helper
def _inventory_room(book: Any, quote: Any) -> float:
    """Units that this quote may still trade: reducing is always allowed, adding within the notional limit and lots."""
    engine = book.engine
    rules = book.rules
    held = engine.units * quote.side
    if held >= 0.0 and engine.lot_count >= len(book.lots):
        return 0.0
    if book.controls.entry_refusal != 0 or (quote.side < 0 and rules.can_short == 0):
        return max(-held, 0.0)
    return max(whole_units(rules.max_notional / quote.price, rules) - held, 0.0)


@helper
def replace_quotes(book: Any, want: Any, price: float) -> int:
    """Replace all quotes by the wanted layers; returns how many were placed. Rules may leave only the reducing side."""
    engine = book.engine
    pull_quotes(book)
    layers = int(want.layers)
    if layers == 0 or book.controls.flatten != 0:
        return 0
    refusal = entry_refusal(book)
    engine.orders_this_hour += 1
    half = len(book.quotes) // 2
    for k in range(min(layers, half)):
        if refusal == 0 or engine.units < 0.0:
            _place(book, k, 1, want.bid_price[k], want.bid_notional[k], price)
        if refusal == 0 or engine.units > 0.0:
            _place(book, half + k, -1, want.ask_price[k], want.ask_notional[k], price)
    return engine.quote_count


@helper
def _place(book: Any, slot: int, side: int, wanted: float, notional: float, close: float) -> None:
    """Place one post-only quote; one that would cross the close, or is too small, is counted as refused."""
    rules = book.rules
    price = on_grid(wanted, rules, side < 0)
    units = whole_units(notional / price, rules)
    if side * (close - price) <= 0.0 or too_small(units, price, rules):
        book.engine.quotes_refused += 1
        return
    quote = book.quotes[slot]
    quote.side = side
    quote.price = price
    quote.units = units
    quote.version = book.engine.version
    book.engine.quote_count += 1
    if side > 0:
        book.engine.best_bid = max(book.engine.best_bid, price)
    else:
        book.engine.best_ask = min(book.engine.best_ask, price)
