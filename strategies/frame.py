"""The records that a step reads and writes: flat float64 fields, one memory layout for history and live.

Prices are in quote currency, quantities in base units, times in ms UTC, fractions of 1. NaN means unknown or not set.
"""

from collections.abc import Sequence

import numpy as np

from core.market import CONTEXT_FIELDS

#: The most quotes a side of the book that one refresh may place.
MAX_LAYERS = 5


def record_of(names: Sequence[str]) -> np.dtype[np.void]:
    """A record of float64 fields. An empty record keeps one unused float, since memory of size zero has no address."""
    return np.dtype([(name, "f8") for name in names] or [("unused", "f8")])


#: The bar that has just closed; `time` is its open time.
BAR = record_of(["time", "open", "high", "low", "close", "volume"])

#: What is known from outside, each beside its age in seconds.
CONTEXT = record_of(CONTEXT_FIELDS)

#: The account as the step may see it. `quantity` is signed; `notional` is signed quantity x close; `profit` is the
#: open position's gain as a fraction of its entry price (before fees); `bars_held` counts the bars of the position,
#: its first and this one included, `bars_flat` those since the last was closed; `last_exit` is the ExitReason of the
#: latest exit; `resting` is the number of live quotes; `can_short` is 1 on perpetuals.
POSITION = record_of(
    [
        "quantity",
        "entry_price",
        "notional",
        "profit",
        "bars_held",
        "bars_flat",
        "last_exit",
        "resting",
        "capital",
        "can_short",
        "maker_fee",
        "taker_fee",
    ]
)

#: From this |strength| on a signal is journaled as a near miss: give it a stop and a target, so that it can be judged.
NEAR_THRESHOLD = 0.8

#: What the step asks for; cleared before every call.
#:   side       +1 or -1 asks for an entry at the next open; 0 asks for nothing
#:   exit       a number of core.trading.ExitReason closes the position at the next open; 0 keeps it
#:   strength   signal / threshold with the signal's sign; |strength| in [0.8, 1) is journaled as a near miss
#:   stop       absolute price of the protective stop (required for an entry; moves the stop of an open position)
#:   target     absolute price of the profit target (optional)
#:   refresh    1 replaces all resting quotes by the `layers` given here
WANT = np.dtype(
    [(name, "f8") for name in ("side", "exit", "strength", "stop", "target", "refresh", "layers")]
    + [(name, "f8", (MAX_LAYERS,)) for name in ("bid_price", "bid_notional", "ask_price", "ask_notional")]
)
