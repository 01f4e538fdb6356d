"""The enumerations as plain integers, which compiled code takes as constants, and the decorator of compiled helpers."""

import numba

from core.trading import DecisionKind, ExitReason, Fate, RefusalReason
from execution.records import FillKind

ENTRY = int(DecisionKind.ENTRY)
EXIT = int(DecisionKind.EXIT)

EXECUTED = int(Fate.EXECUTED)
REFUSED = int(Fate.REFUSED)
NEAR = int(Fate.NEAR)

STALE = int(RefusalReason.STALE)
TOO_SMALL = int(RefusalReason.TOO_SMALL)
MAX_NOTIONAL = int(RefusalReason.MAX_NOTIONAL)
DAILY_LOSS = int(RefusalReason.DAILY_LOSS)
CONSECUTIVE_LOSSES = int(RefusalReason.CONSECUTIVE_LOSSES)
ORDER_RATE = int(RefusalReason.ORDER_RATE)
DRAWDOWN = int(RefusalReason.DRAWDOWN)
NO_SHORTS = int(RefusalReason.NO_SHORTS)
NO_VOLUME = int(RefusalReason.NO_VOLUME)

BY_STOP = int(ExitReason.STOP)
BY_TARGET = int(ExitReason.TARGET)
BY_QUOTE = int(ExitReason.QUOTE)
BY_FLATTEN = int(ExitReason.FLATTEN)

AT_MARKET = int(FillKind.MARKET)
AT_STOP = int(FillKind.STOP)
AT_TARGET = int(FillKind.TARGET)
AT_QUOTE = int(FillKind.QUOTE)

#: How a staged parameter set waits for its moment (core.parameters.APPLIES_ORDER, counted from 1).
NEXT_BAR, NEXT_ORDER, WHEN_FLAT, AT_RESTART = 1, 2, 3, 4

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
#: A time in ms that no bar reaches.
NEVER = 2**62
#: Near misses are journaled at most once in so many bars.
NEAR_EVERY = 60

#: A compiled function that is always inlined into its caller, which halves the time of a bar.
helper = numba.njit(nogil=True, error_model="numpy", forceinline=True)
#: A compiled function that is called: for what is large and rare.
routine = numba.njit(nogil=True, error_model="numpy")
