"""An order book for the simulated market: made up around the last close, and marked as such."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from collectors.grid import on_grid
from collectors.simulated_random import generator
from core.clock import MINUTE_MS
from core.errors import InvalidInput
from core.market import Bars, Floats, Instrument

LEVELS = 10
#: Half of the usual spread, as a fraction of price.
HALF_SPREAD = 0.00005


@dataclass(frozen=True, slots=True)
class OrderBook:
    """A snapshot; `bids` and `asks` have one row of price and quantity per level, the best level first.

    `synthetic` is True where the book was made up: nobody's order stands behind it.
    """

    time: int
    bids: Floats
    asks: Floats
    synthetic: bool

    def as_document(self) -> dict[str, Any]:
        """Plain JSON types, as published and journaled."""
        return {
            "time": self.time,
            "bids": self.bids.tolist(),
            "asks": self.asks.tolist(),
            "synthetic": self.synthetic,
        }


def synthetic_book(instrument: Instrument, bars: Bars, seed: int) -> OrderBook:
    """A book at the close of the last of `bars`; the same seed and bar give the same book."""
    if not len(bars):
        raise InvalidInput("A synthetic book needs a bar to stand around.", field="bars")
    random = generator(seed, f"{instrument.symbol} book", int(bars.time[-1]) // MINUTE_MS)
    close = float(bars.close[-1])
    bids, asks = (_side(random, instrument, close, float(bars.volume[-1]), direction) for direction in (-1.0, 1.0))
    return OrderBook(int(bars.time[-1]) + bars.bar_ms, bids, asks, synthetic=True)


def _side(random: np.random.Generator, instrument: Instrument, close: float, volume: float, direction: float) -> Floats:
    step = float(instrument.price_step)
    gap = max(HALF_SPREAD * close, step)
    away = gap * np.cumsum(random.uniform(0.5, 1.5, LEVELS))
    ticks = np.maximum.accumulate(np.maximum(np.rint(away / step), 1.0)) + np.arange(LEVELS)
    price = on_grid(np.asarray(close + direction * ticks * step), instrument.price_step)
    quantity = volume * 0.05 * np.sqrt(1.0 + np.arange(LEVELS)) * random.lognormal(0.0, 0.5, LEVELS)
    least = float(instrument.quantity_step)
    return np.column_stack([price, np.maximum(on_grid(quantity, instrument.quantity_step), least)])
