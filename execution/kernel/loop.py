"""The loop over bars: the one place where market, step, fills and journal meet, in backtest, replay, paper and live."""

from typing import Any

from execution.kernel.bar import (
    adopt_staged,
    clear_wishes,
    has_wishes,
    is_engaged,
    meet_bar,
    show_position,
    staged_is_due,
)
from execution.kernel.codes import DAY_MS, NEVER, helper
from execution.kernel.ledger import settle_funding
from execution.kernel.orders import take_wishes
from execution.kernel.quotes import replace_quotes
from execution.kernel.risk import start_periods
from execution.kernel.state import JOURNAL_ROWS, MAX_LOTS


def advance(  # noqa: C901 - arrays stay in one function: passing them on would count references at every bar
    step: Any, start: int, stop: int, tape: Any, books: Any, frame: Any, journals: Any, curve: Any
) -> int:
    """Process the bars [start, stop) and return the first bar not processed: less than `stop` when a buffer is full.

    The order of events inside a bar is that of docs/engine.md: funding, pending market order, stop and target, quotes,
    valuation, then the step on the bar's close. A bar without volume, after a gap, or the very first is only observed.
    While nothing is pending, held or quoted, and the step has been shown so (not `engaged`), a bar costs little more
    than the call of the step.
    """
    book = books[0]
    journal = journals[0]
    engine = book.engine
    position = frame.position[0]
    want = frame.want[0]
    parameter = frame.parameter[0]
    memory = frame.memory[0]
    candles = tape.candles[start:stop]
    features = tape.features[start:stop]
    context = tape.context[start:stop]
    equity = curve.equity[start:stop]
    quotes = curve.quotes[start:stop]
    bar_ms = book.rules.bar_ms
    flatten = book.controls.flatten != 0
    switching = engine.staged_mode != 0
    engaged = True
    before = engine.time
    number = engine.bar
    next_settlement = period_end = day_end = before
    day = -1
    done = 0
    for i in range(len(candles)):
        bar = candles[i]
        time = int(bar.time)
        tradable = bar.volume > 0.0 and before != 0 and time - before == bar_ms
        before = time
        number += 1
        done += 1
        if time >= period_end:
            period_end = start_periods(book, time)
        if time >= next_settlement:
            next_settlement = _settle_until(book, tape.funding_time, tape.funding_rate, time, bar.open)
        if time >= day_end:
            _close_day(curve, day, engine)
            day = (time - curve.start[0]) // DAY_MS
            day_end = curve.start[0] + (day + 1) * DAY_MS
        busy = engaged
        if engaged:
            engine.bar = number
            meet_bar(book, journal, bar, tradable)
            show_position(book, position, bar.close)
            engaged = is_engaged(book)
        position.bars_flat = number - engine.exit_bar
        placed = 0
        if tradable:
            if switching and staged_is_due(book):
                adopt_staged(engine, frame.parameter_values, frame.staged_values)
                switching = False
            clear_wishes(want)
            step(bar, features[i], context[i], position, parameter, memory, want)
            if busy or has_wishes(want) or flatten:
                busy = True
                engine.bar = number
                take_wishes(book, journal, want, time + bar_ms, bar.close)
                if want.refresh != 0.0 or flatten:
                    placed = replace_quotes(book, want, bar.close)
                engaged = engaged or is_engaged(book)
        if len(equity) > 0:
            equity[i] = engine.equity
        if len(quotes) > 0:
            quotes[i] = placed
        if busy and journal.keep and _full(book, journal):
            break
    engine.time = before
    engine.bar = number
    _close_day(curve, day, engine)
    return start + done


@helper
def _close_day(curve: Any, day: int, engine: Any) -> None:
    """Note how a calendar day ended, if anybody wants to know."""
    if 0 <= day < len(curve.day_equity):
        curve.day_equity[day] = engine.equity
        curve.day_trades[day] = engine.trades


@helper
def _full(book: Any, journal: Any) -> bool:
    """Whether the coming bar could write more rows than the buffers have left."""
    most = JOURNAL_ROWS - len(book.quotes) - 4
    return journal.fill_count > most or journal.trade_count > most - MAX_LOTS or journal.decision_count > most


@helper
def _settle_until(book: Any, times: Any, rates: Any, time: int, price: float) -> int:
    """Settle all funding that has fallen due and not been settled; returns when the next falls due."""
    first = 0
    last = len(times)
    while first < last:
        middle = (first + last) // 2
        if times[middle] <= book.engine.funding_time:
            first = middle + 1
        else:
            last = middle
    while first < len(times) and times[first] <= time:
        settle_funding(book, times[first], rates[first], price)
        first += 1
    return times[first] if first < len(times) else NEVER
