"""The rows that the engine writes: fills, trades and decisions as structured arrays, one layout for all modes.

Times are the OPEN time of the bar in ms UTC, except a decision's, which is the close of the bar that gave the signal.
Prices and money are in quote currency, quantities in base units and positive. Sequence numbers start at 1 per instance
and go on through restarts: they are the ids in the journal. Enumerations are those of core.trading.
"""

from enum import IntEnum

import numpy as np


class FillKind(IntEnum):
    """How a fill came about: market order, protective stop, profit target, resting quote."""

    MARKET = 1
    STOP = 2
    TARGET = 3
    QUOTE = 4


#: One execution. `fee` >= 0; `slippage` is what the price was worse than asked for, times quantity; `maker` is 0 or 1;
#: `exit_reason` is 0 where the fill opened a position; `decision` is the sequence number of its decision or 0;
#: `inventory` is the signed position after the fill.
FILL = np.dtype(
    [
        ("seq", "i8"),
        ("time", "i8"),
        ("side", "i8"),
        ("kind", "i8"),
        ("quantity", "f8"),
        ("price", "f8"),
        ("fee", "f8"),
        ("slippage", "f8"),
        ("maker", "i8"),
        ("exit_reason", "i8"),
        ("decision", "i8"),
        ("version", "i8"),
        ("inventory", "f8"),
    ]
)

#: One round trip or matched piece of one, first in, first out. pnl = gross_pnl - fees + funding (negative when paid).
#: `mae` and `mfe` are fractions of the entry price, both >= 0; the entry bar counts whole, the exit bar up to the exit.
#: `entry_fill` and `exit_fill` are the fills it was matched from.
TRADE = np.dtype(
    [
        ("seq", "i8"),
        ("side", "i8"),
        ("quantity", "f8"),
        ("entry_time", "i8"),
        ("exit_time", "i8"),
        ("entry_price", "f8"),
        ("exit_price", "f8"),
        ("gross_pnl", "f8"),
        ("fees", "f8"),
        ("funding", "f8"),
        ("slippage", "f8"),
        ("pnl", "f8"),
        ("mae", "f8"),
        ("mfe", "f8"),
        ("bars_held", "i8"),
        ("exit_reason", "i8"),
        ("strength", "f8"),
        ("decision", "i8"),
        ("entry_version", "i8"),
        ("exit_version", "i8"),
        ("entry_fill", "i8"),
        ("exit_fill", "i8"),
    ]
)

#: One signal with its fate, written when the fate is known: `reason` is a RefusalReason, `exit_reason` is of exits.
#: `price` is the close that gave the signal; `stop` and `target` are NaN where none was wanted.
DECISION = np.dtype(
    [
        ("seq", "i8"),
        ("time", "i8"),
        ("kind", "i8"),
        ("side", "i8"),
        ("strength", "f8"),
        ("fate", "i8"),
        ("reason", "i8"),
        ("exit_reason", "i8"),
        ("price", "f8"),
        ("stop", "f8"),
        ("target", "f8"),
        ("quantity", "f8"),
        ("version", "i8"),
    ]
)
