"""The loop over bars: the one place where market, step, fills and journal meet, in backtest, replay, paper and live."""

import math

from execution.kernel.codes import AT_RESTART, ENTRY, NEXT_ORDER, STALE, WHEN_FLAT, helper
from execution.kernel.codes import DAY_MS as DAY
from execution.kernel.decisions import pending_refused
from execution.kernel.ledger import settle_funding, widen_extremes
from execution.kernel.orders import fill_pending, protect, take_wishes
from execution.kernel.prices import whole_units
from execution.kernel.quotes import fill_quotes, pull_quotes, replace_quotes
from execution.kernel.risk import start_periods


def advance(step, start, stop, tape, book, frame, journal, curve):  # type: ignore[no-untyped-def]
    """Process the bars [start, stop) and return the first bar not processed: less than `stop` when a buffer is full.

    The order of events inside a bar is that of docs/engine.md: funding, pending market order, stop and target, quotes,
    valuation, then the step on the bar's close. A bar without volume, after a gap, or the very first is only observed.
    """
    engine = book.engine
    day_end = -1
    day = 0
    for i in range(start, stop):
        if journal.keep[0] and _full(book, journal):
            return i
        time = tape.time[i]
        close = tape.close[i]
        volume = tape.volume[i]
        tradable = volume > 0.0 and engine.time != 0 and time - engine.time == book.rules.bar_ms
        engine.time = time
        engine.bar += 1
        start_periods(book, time)
        if tape.funding_time.shape[0] > 0:
            _settle(book, tape, time, tape.open[i])
        if tradable:
            engine.room = whole_units(volume * book.rules.volume_share, book.rules)
            _trade_bar(book, journal, time, tape.open[i], tape.high[i], tape.low[i])
        else:
            _observe_bar(book, journal)
        _value(book, tape.high[i], tape.low[i], close, volume)
        if time >= day_end:
            day = (time - curve.start[0]) // DAY
            day_end = curve.start[0] + (day + 1) * DAY
        placed = 0
        if tradable:
            _adopt_staged(engine, frame)
            _show(tape, i, book, frame)
            step(frame.bar, frame.feature, frame.context, frame.position, frame.parameter, frame.memory, frame.want)
            take_wishes(book, journal, frame.want, time + book.rules.bar_ms, close)
            if frame.want.refresh != 0.0 or book.controls.flatten != 0:
                placed = replace_quotes(book, frame.want, close)
        _write_curve(curve, i, day, engine, placed)
    return stop


@helper
def _full(book, journal):  # type: ignore[no-untyped-def]
    """Whether the coming bar could write more rows than the buffers have left."""
    most = book.quotes.shape[0] + 4
    return (
        journal.counts[0] + most > journal.fills.shape[0]
        or journal.counts[1] + most + book.engine.lot_count > journal.trades.shape[0]
        or journal.counts[2] + most > journal.decisions.shape[0]
    )


@helper
def _settle(book, tape, time, price):  # type: ignore[no-untyped-def]
    """Settle every funding moment since the last bar, at this bar's open (a moment inside a gap settles after it)."""
    engine = book.engine
    times = tape.funding_time
    if engine.funding_time >= times[-1]:
        return
    first = 0
    last = times.shape[0]
    while first < last:
        middle = (first + last) // 2
        if times[middle] <= engine.funding_time:
            first = middle + 1
        else:
            last = middle
    while first < times.shape[0] and times[first] <= time:
        settle_funding(book, tape.funding_rate[first], price)
        engine.funding_time = times[first]
        first += 1


@helper
def _trade_bar(book, journal, time, open_price, high, low):  # type: ignore[no-untyped-def]
    engine = book.engine
    if engine.pending_kind != 0:
        fill_pending(book, journal, time, open_price)
    if engine.units != 0.0:
        before = engine.stop
        protect(book, journal, time, open_price, high, low)
        if before == before and engine.stop != engine.stop:
            pull_quotes(book)
    if engine.quote_count > 0:
        fill_quotes(book, journal, time, high, low)


@helper
def _observe_bar(book, journal):  # type: ignore[no-untyped-def]
    """Nothing trades on this bar: quotes are pulled and a pending entry is too old; a pending exit waits."""
    if book.engine.pending_kind == ENTRY:
        pending_refused(book, journal, STALE)
    if book.engine.quote_count > 0:
        pull_quotes(book)


@helper
def _value(book, high, low, close, volume):  # type: ignore[no-untyped-def]
    """Mark the account to the close; follow the best and worst prices of open lots, the peak and the drawdown."""
    engine = book.engine
    if engine.units != 0.0:
        engine.exposed_bars += 1
        if volume > 0.0:
            widen_extremes(book, low, high)
    engine.equity = engine.cash + engine.units * book.rules.unit * close
    engine.peak = max(engine.peak, engine.equity)
    engine.drawdown = max(engine.drawdown, engine.peak - engine.equity)


@helper
def _adopt_staged(engine, frame):  # type: ignore[no-untyped-def]
    """Let a staged parameter set take effect when its moment has come."""
    mode = engine.staged_mode
    if mode == 0 or mode == AT_RESTART:
        return
    if mode >= NEXT_ORDER and (engine.pending_kind != 0 or engine.quote_count > 0):
        return
    if mode == WHEN_FLAT and engine.units != 0.0:
        return
    for k in range(frame.parameter_values.shape[0]):
        frame.parameter_values[k] = frame.staged_values[k]
    engine.version = engine.staged_version
    engine.staged_mode = 0


@helper
def _show(tape, i, book, frame):  # type: ignore[no-untyped-def]
    """Fill the step's records from this bar and clear its wishes."""
    bar = frame.bar
    bar.time = tape.time[i]
    bar.open = tape.open[i]
    bar.high = tape.high[i]
    bar.low = tape.low[i]
    bar.close = tape.close[i]
    bar.volume = tape.volume[i]
    for k in range(tape.features.shape[0]):
        frame.feature_values[k] = tape.features[k, i]
    for k in range(tape.context.shape[0]):
        frame.context_values[k] = tape.context[k, i]
    _show_position(book, frame.position, tape.close[i])
    want = frame.want
    want.side = 0.0
    want.exit = 0.0
    want.strength = 0.0
    want.stop = math.nan
    want.target = math.nan
    want.refresh = 0.0
    want.layers = 0.0


@helper
def _show_position(book, position, close):  # type: ignore[no-untyped-def]
    engine = book.engine
    position.resting = engine.quote_count
    position.bars_flat = engine.bar - engine.exit_bar
    position.last_exit = engine.last_exit
    position.quantity = engine.units * book.rules.unit
    if engine.units != 0.0:
        position.entry_price = engine.cost / abs(engine.units)
        position.notional = position.quantity * close
        change = close / position.entry_price - 1.0
        position.profit = change if engine.units > 0.0 else -change
        position.bars_held = engine.bar - engine.entry_bar
    else:
        position.entry_price = math.nan
        position.notional = 0.0
        position.profit = 0.0
        position.bars_held = 0.0


@helper
def _write_curve(curve, i, day, engine, placed):  # type: ignore[no-untyped-def]
    if curve.equity.shape[0] > 0:
        curve.equity[i] = engine.equity
        curve.quotes[i] = placed
    if curve.day_equity.shape[0] > 0:
        curve.day_equity[day] = engine.equity
        curve.day_trades[day] = engine.trades
