"""The loop over bars: the one place where market, step, fills and journal meet, in backtest, replay, paper and live."""

from typing import Any

from execution.kernel.bar import (
    adopt_staged,
    clear_wishes,
    is_engaged,
    observe_bar,
    show_bar,
    show_position,
    staged_is_due,
    trade_bar,
    value,
)
from execution.kernel.codes import DAY_MS, NEVER, helper
from execution.kernel.ledger import settle_funding
from execution.kernel.orders import take_wishes
from execution.kernel.quotes import replace_quotes
from execution.kernel.risk import start_periods
from execution.kernel.state import JOURNAL_ROWS, MAX_LOTS


def advance(  # noqa: C901 - columns stay in one function: passing arrays on would count references at every bar
    step: Any, start: int, stop: int, tape: Any, book: Any, frame: Any, journal: Any, curve: Any
) -> int:
    """Process the bars [start, stop) and return the first bar not processed: less than `stop` when a buffer is full.

    The order of events inside a bar is that of docs/engine.md: funding, pending market order, stop and target, quotes,
    valuation, then the step on the bar's close. A bar without volume, after a gap, or the very first is only observed.
    """
    engine = book.engine
    want = frame.want
    times = tape.time[start:stop]
    opens = tape.open[start:stop]
    highs = tape.high[start:stop]
    lows = tape.low[start:stop]
    closes = tape.close[start:stop]
    volumes = tape.volume[start:stop]
    features = tape.features[start:stop]
    context = tape.context[start:stop]
    equity = curve.equity[start:stop]
    quotes = curve.quotes[start:stop]
    day_equity = curve.day_equity
    day_trades = curve.day_trades
    first_day = curve.start[0]
    feature_values = frame.feature_values
    context_values = frame.context_values
    bar_ms = book.rules.bar_ms
    before = engine.time
    next_settlement = before
    period_end = before
    day_end = before
    day = 0
    for i in range(len(times)):
        if journal.keep and _full(book, journal):
            return start + i
        time = times[i]
        close = closes[i]
        volume = volumes[i]
        tradable = volume > 0.0 and before != 0 and time - before == bar_ms
        before = time
        engine.time = time
        engine.bar += 1
        if time >= period_end:
            period_end = start_periods(book, time)
        if time >= next_settlement:
            next_settlement = _settle_until(book, tape.funding_time, tape.funding_rate, time, opens[i])
        if is_engaged(book):
            if tradable:
                trade_bar(book, journal, time, opens[i], highs[i], lows[i], volume)
            else:
                observe_bar(book, journal)
        value(book, highs[i], lows[i], close, volume)
        placed = 0
        if tradable:
            if engine.staged_mode != 0 and staged_is_due(book):
                adopt_staged(engine, frame.parameter_values, frame.staged_values)
            for k in range(len(feature_values)):
                feature_values[k] = features[i, k]
            for k in range(len(context_values)):
                context_values[k] = context[i, k]
            show_bar(frame.bar, time, opens[i], highs[i], lows[i], close, volume)
            show_position(book, frame.position, close)
            clear_wishes(want)
            step(frame.bar, frame.feature, frame.context, frame.position, frame.parameter, frame.memory, want)
            take_wishes(book, journal, want, time + bar_ms, close)
            if want.refresh != 0.0 or book.controls.flatten != 0:
                placed = replace_quotes(book, want, close)
        if len(equity) > 0:
            equity[i] = engine.equity
            quotes[i] = placed
        if len(day_equity) > 0:
            if time >= day_end:
                day = (time - first_day) // DAY_MS
                day_end = first_day + (day + 1) * DAY_MS
            day_equity[day] = engine.equity
            day_trades[day] = engine.trades
    return stop


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
