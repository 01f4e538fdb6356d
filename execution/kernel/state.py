"""The memory of a running engine as records of plain numbers, and the groups of arguments that the kernel takes."""

from typing import Any, NamedTuple

import numpy as np

from execution.records import DECISION, FILL, TRADE
from strategies.frame import MAX_LAYERS

#: Rows of each kind that fit into the journal before the loop returns to have it drained.
JOURNAL_ROWS = 1024

#: Open lots that one instance may hold; an entry that would need another is not filled.
MAX_LOTS = 256


def _record(integers: str, floats: str) -> np.dtype[np.void]:
    return np.dtype([(name, "i8") for name in integers.split()] + [(name, "f8") for name in floats.split()])


#: Everything about one instance that changes from bar to bar, beside its lots and quotes. Quantities are counted in
#: `units` (quantity steps), so that sums stay exact; money in quote currency.
ENGINE = _record(
    """time bar funding_time version staged_version staged_mode entry_bar exit_bar last_exit exposed_bars trades
    lot_first lot_count quote_count stop_version target_version
    day hour orders_this_hour losses_in_a_row paused_until near_bar decision_seq fill_seq trade_seq quotes_refused""",
    """cash units quantity cost entry_price stop target equity peak drawdown fees funding slippage turnover day_start
    pending_units room best_bid best_ask""",
)

#: One lot: what is left of one opening fill. `fee` and `slippage` are per unit, `funding` is the lot's own so far.
LOT = _record("time bar version decision fill", "units price fee slippage funding low high strength")

#: One resting quote; `side` 0 marks a free slot. Bids fill the first half of the array, asks the second, best first.
QUOTE = _record("side version", "price units")

#: What does not change while an engine lives: instrument, account and limits (see prices.py for the grids).
RULES = _record(
    "bar_ms whole_units can_short max_consecutive_losses pause_bars max_orders_per_hour",
    """capital risk_fraction units_per_volume max_notional max_daily_loss max_drawdown
    ticks_per_price units_per_base min_quantity min_notional maker_fee taker_fee slippage""",
)

#: What its owner sets between calls: a RefusalReason that stops entries (0 allows them), and 1 to close the position.
CONTROLS = _record("entry_refusal flatten", "")


#: The account of one instance in one piece of memory: `pending` is the market order that waits for the next open
#: (kind 0: none), `ticket` the fill being booked. Records are passed by reference and counted by nobody, which is what
#: makes calls inside the compiled loop free; arrays would be counted at every call.
BOOK = np.dtype(
    [
        ("engine", ENGINE),
        ("pending", DECISION),
        ("ticket", FILL),
        ("lots", LOT, (MAX_LOTS,)),
        ("quotes", QUOTE, (2 * MAX_LAYERS,)),
        ("rules", RULES),
        ("controls", CONTROLS),
    ]
)

#: Output rows and how many of each are filled; `keep` 0 drops rows.
JOURNAL = np.dtype(
    [
        ("fill_count", "i8"),
        ("trade_count", "i8"),
        ("decision_count", "i8"),
        ("keep", "i8"),
        ("fills", FILL, (JOURNAL_ROWS,)),
        ("trades", TRADE, (JOURNAL_ROWS,)),
        ("decisions", DECISION, (JOURNAL_ROWS,)),
    ]
)


class Tape(NamedTuple):
    """The market, read only: one record per bar of candle (strategies.frame.BAR), features and context, and funding."""

    candles: Any
    features: Any
    context: Any
    funding_time: Any
    funding_rate: Any


class Frame(NamedTuple):
    """What the step sees beside the tape (arrays of one record), and its parameters again as vectors of floats."""

    position: Any
    want: Any
    parameter: Any
    memory: Any
    parameter_values: Any
    staged_values: Any


class Curve(NamedTuple):
    """Per bar: equity and quotes placed (either may be empty). Per day from `start[0]` ms: last equity, trades."""

    equity: Any
    quotes: Any
    start: Any
    day_equity: Any
    day_trades: Any
