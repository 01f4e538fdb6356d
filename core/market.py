"""What the market sends: instruments, bars, and the context vector that stands beside a bar."""

from dataclasses import dataclass, fields
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from core.clock import MINUTE_MS
from core.errors import BadData, InvalidInput

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

TIMEFRAMES: dict[str, int] = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "10m": 10 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
    "1d": 1440 * MINUTE_MS,
}

#: The fixed vector beside each bar: outside knowledge and its age in seconds. NaN means unknown, never 0.
CONTEXT_FIELDS: tuple[str, ...] = (
    "advice",
    "advice_age",
    "funding_rate",
    "funding_age",
    "sentiment",
    "sentiment_age",
    "fear_greed",
    "fear_greed_age",
)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A symbol on a venue with its trading rules. Fees are fractions of notional; steps are in price and base units.

    A step of zero means that no rounding is done (used by tests of scale invariance).
    """

    venue: str
    symbol: str
    price_step: Decimal
    quantity_step: Decimal
    min_quantity: Decimal = Decimal(0)
    min_notional: Decimal = Decimal(5)
    maker_fee: Decimal = Decimal("0.0002")
    taker_fee: Decimal = Decimal("0.0005")
    slippage: Decimal = Decimal("0.0001")

    @property
    def perpetual(self) -> bool:
        """Perpetual venues are those whose name ends in `_usdm`: they pay funding and may be sold short."""
        return self.venue.endswith("_usdm")

    @property
    def key(self) -> str:
        return f"{self.venue}/{self.symbol}"


@dataclass(frozen=True, slots=True)
class Bars:
    """Columns of consecutive bars, oldest first: `time` is the OPEN time in ms UTC, the others float64, one length."""

    time: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    bar_ms: int = MINUTE_MS

    def __post_init__(self) -> None:
        if len({len(getattr(self, f.name)) for f in fields(self) if f.name != "bar_ms"}) != 1:
            raise InvalidInput("The columns of Bars differ in length.", field="bars")
        if len(self.time) > 1 and not bool(np.all(self.time[1:] > self.time[:-1])):
            raise BadData("Bars are not strictly increasing in time.", field="time")

    def __len__(self) -> int:
        return len(self.time)

    def slice(self, start: int, stop: int) -> "Bars":
        """The bars [start, stop) by position, sharing memory."""
        cut = slice(start, stop)
        return Bars(
            self.time[cut],
            self.open[cut],
            self.high[cut],
            self.low[cut],
            self.close[cut],
            self.volume[cut],
            self.bar_ms,
        )

    def between(self, start_ms: int, end_ms: int) -> "Bars":
        """The bars whose open time lies in [start_ms, end_ms), sharing memory."""
        first, last = np.searchsorted(self.time, [start_ms, end_ms])
        return self.slice(int(first), int(last))


@dataclass(frozen=True, slots=True)
class FundingRates:
    """Funding settlements of one perpetual: `time` in ms UTC (jitter floored to the minute), `rate` per settlement."""

    time: Times
    rate: Floats


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Counts of what was wrong with a feed over a span; bars that are bad are dropped, never traded through."""

    bars: int = 0
    missing_minutes: int = 0
    zero_volume_minutes: int = 0
    duplicates: int = 0
    disordered: int = 0
    nan: int = 0
    bad_ohlc: int = 0

    def __add__(self, other: "DataQuality") -> "DataQuality":
        return DataQuality(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))
