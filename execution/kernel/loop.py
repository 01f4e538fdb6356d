"""The loop over bars: the one place where market, step, fills and journal meet, in backtest, replay, paper and live."""

from execution.kernel.bar import (
    adopt_staged,
    clear_wishes,
    observe_bar,
    show_bar,
    show_position,
    staged_is_due,
    trade_bar,
    value,
)
from execution.kernel.codes import DAY_MS, helper
from execution.kernel.ledger import settle_funding
from execution.kernel.orders import take_wishes
from execution.kernel.quotes import replace_quotes
from execution.kernel.risk import start_periods
from execution.kernel.state import JOURNAL_ROWS, MAX_LOTS


def advance(step, start, stop, tape, book, frame, journal, curve):  # type: ignore[no-untyped-def]
    """Process the bars [start, stop) and return the first bar not processed: less than `stop` when a buffer is full.

    The order of events inside a bar is that of docs/engine.md: funding, pending market order, stop and target, quotes,
    valuation, then the step on the bar's close. A bar without volume, after a gap, or the very first is only observed.
    """
    engine = book.engine
    rules = book.rules
    want = frame.want
    settlement = _first_after(tape.funding_time, engine.funding_time)
    day_end = -1
    day = 0
    placed = 0
    for i in range(start, stop):
        if journal.keep and _full(book, journal):
            return i
        time = tape.time[i]
        high = tape.high[i]
        low = tape.low[i]
        close = tape.close[i]
        volume = tape.volume[i]
        tradable = volume > 0.0 and engine.time != 0 and time - engine.time == rules.bar_ms
        engine.time = time
        engine.bar += 1
        start_periods(book, time)
        while settlement < tape.funding_time.shape[0] and tape.funding_time[settlement] <= time:
            settle_funding(book, tape.funding_time[settlement], tape.funding_rate[settlement], tape.open[i])
            settlement += 1
        if tradable:
            trade_bar(book, journal, time, tape.open[i], high, low, volume)
        else:
            observe_bar(book, journal)
        value(book, high, low, close, volume)
        if tradable:
            if engine.staged_mode != 0 and staged_is_due(engine):
                frame.parameter_values[:] = frame.staged_values
                adopt_staged(engine)
            for k in range(tape.features.shape[0]):
                frame.feature_values[k] = tape.features[k, i]
            for k in range(tape.context.shape[0]):
                frame.context_values[k] = tape.context[k, i]
            show_bar(frame.bar, time, tape.open[i], high, low, close, volume)
            show_position(book, frame.position, close)
            clear_wishes(want)
            step(frame.bar, frame.feature, frame.context, frame.position, frame.parameter, frame.memory, want)
            take_wishes(book, journal, want, time + rules.bar_ms, close)
            placed = 0
            if want.refresh != 0.0 or book.controls.flatten != 0:
                placed = replace_quotes(book, want, close)
        if curve.equity.shape[0] > 0:
            curve.equity[i] = engine.equity
            curve.quotes[i] = placed
        if curve.day_equity.shape[0] > 0:
            if time >= day_end:
                day = (time - curve.start[0]) // DAY_MS
                day_end = curve.start[0] + (day + 1) * DAY_MS
            curve.day_equity[day] = engine.equity
            curve.day_trades[day] = engine.trades
    return stop


@helper
def _full(book, journal):  # type: ignore[no-untyped-def]
    """Whether the coming bar could write more rows than the buffers have left."""
    most = JOURNAL_ROWS - len(book.quotes) - 4
    return journal.fill_count > most or journal.trade_count > most - MAX_LOTS or journal.decision_count > most


@helper
def _first_after(times, moment):  # type: ignore[no-untyped-def]
    """The position of the first time later than `moment`."""
    first = 0
    last = times.shape[0]
    while first < last:
        middle = (first + last) // 2
        if times[middle] <= moment:
            first = middle + 1
        else:
            last = middle
    return first
