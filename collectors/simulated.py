"""The simulated market: one-minute bars of symbols that nobody trades, for first steps, tests and calibration.

What is true to life: regimes (ranging, trending, turbulent), clustered volatility, a daily season, fat tails, symbols
that move together, volume that comes with moves, funding every eight hours, valid bars on the instrument's steps.

What is hidden (`simulated_recipe.LEARNABLE`): one and a half times a day a symbol is driven for an hour or so, with
volume; often it starts the wrong way first. All other moves are half given back, violent ones nearly wholly. So a
momentum strategy earns by waiting for larger moves, cutting losers sooner and letting winners run; a market maker by
quoting further away. `STARTING_VALUES` do the opposite, by little more than what one proposal may change.

The control (`CONTROL`) has the same noise, but is a fair game: prices are martingales, continuous inside and between
bars, and trading is free. Every parameter set then expects exactly nothing, so no change is better but by luck. The
fees must go: with fees, trading less would be a true improvement, and the control would hide one after all.

A minute is a pure function of seed, symbol and its distance from the first day: it can be made again at any time, and a
symbol's bars do not depend on which other symbols are asked for.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time

import numpy as np

from collectors.instruments import instrument_for
from collectors.series import CandleSeries, join_bars
from collectors.simulated_background import Background
from collectors.simulated_book import OrderBook, synthetic_book
from collectors.simulated_path import SymbolPath, first_price
from collectors.simulated_random import generator
from collectors.simulated_recipe import CONTROL, LEARNABLE
from core.clock import DAY_MS, MINUTE_MS, to_ms
from core.errors import InvalidInput, NotFound
from core.market import Bars, Floats, FundingRates, Instrument

FIRST_DAY = date(2025, 1, 1)
PERPETUAL_VENUE = "simulated_usdm"
SPOT_VENUE = "simulated"
SETTLEMENTS_A_DAY = 3

#: The mediocre values with which instances on a simulated market start; what is not named starts at its default.
STARTING_VALUES: Mapping[str, Mapping[str, float]] = {
    "momentum_scalping": {
        "entry_threshold": 0.005,
        "stop_loss": 0.006,
        "take_profit": 0.008,
        "max_holding": 40,
        "min_volume": 0.0,
        "min_trend": 0.0,
        "cooldown": 15,
    },
    "market_making": {"spread_threshold": 0.0024, "order_layers": 3, "refresh_time": 5},
}


def simulate(
    days: int,
    seed: int,
    symbols: Sequence[str],
    *,
    start: date = FIRST_DAY,
    control: bool = False,
    venue: str = PERPETUAL_VENUE,
) -> list[CandleSeries]:
    """Whole UTC days [start, start + days) of a simulated market, one series per symbol, marked simulated."""
    if days < 1:
        raise InvalidInput(f"{days} days cannot be simulated.", field="days", remedy="Ask for one day or more.")
    market = SimulatedMarket(seed, symbols, start, control=control, venue=venue)
    end_ms = market.start_ms + days * DAY_MS
    return [
        CandleSeries(
            instrument,
            "1m",
            market.bars(key, market.start_ms, end_ms),
            market.funding(key, market.start_ms, end_ms),
            "simulated: every 8 hours" if instrument.perpetual else "spot: no funding",
            simulated=True,
        )
        for key, instrument in market.instruments.items()
    ]


class SimulatedMarket:
    """A simulated market from the day `start` (UTC) for as long as one asks: days are made when they are needed."""

    simulated = True

    def __init__(
        self,
        seed: int,
        symbols: Sequence[str],
        start: date = FIRST_DAY,
        *,
        control: bool = False,
        venue: str = PERPETUAL_VENUE,
    ) -> None:
        if not symbols or len(set(symbols)) != len(symbols):
            raise InvalidInput("A simulated market needs one or more different symbols.", field="symbols")
        self.seed = seed
        self.start_ms = to_ms(datetime.combine(start, time(), UTC))
        self._recipe = CONTROL if control else LEARNABLE
        instruments = [_instrument(venue, symbol, free=self._recipe.free) for symbol in symbols]
        self.instruments: dict[str, Instrument] = {instrument.key: instrument for instrument in instruments}
        self._background = Background(seed, self._recipe)
        self._paths = {i.key: SymbolPath(seed, i, self._recipe, self.start_ms) for i in instruments}
        self._days: dict[str, list[Bars]] = {i.key: [] for i in instruments}

    def bar_ms(self, key: str) -> int:
        """Bars of one minute for every instrument."""
        self._known(key)
        return MINUTE_MS

    def bars(self, key: str, from_ms: int, until_ms: int) -> Bars:
        """The bars that open in [from_ms, until_ms); none lie before the market's start."""
        self._known(key)
        first, last = self._day_range(from_ms, until_ms)
        self._make_days(last)
        days = self._days[key][first:last]
        return join_bars(days).between(from_ms, until_ms) if days else _NO_BARS

    def funding(self, key: str, from_ms: int, until_ms: int) -> FundingRates | None:
        """The settlements in [from_ms, until_ms); None for spot."""
        if not self._known(key).perpetual:
            return None
        days = range(*self._day_range(from_ms, until_ms))
        every = DAY_MS // SETTLEMENTS_A_DAY
        rates = [self._funding_of_day(key, day) for day in days]
        time = self.start_ms + days.start * DAY_MS + np.arange(len(days) * SETTLEMENTS_A_DAY) * every
        rate = np.concatenate([np.zeros(0), *rates])
        inside = (time >= from_ms) & (time < until_ms)
        return FundingRates(time[inside], rate[inside])

    def book(self, key: str, bars: Bars) -> OrderBook:
        """A made-up book around the last close of `bars`."""
        return synthetic_book(self._known(key), bars, self.seed)

    def _known(self, key: str) -> Instrument:
        if key not in self.instruments:
            raise NotFound(f"{key} is not part of this simulated market.", field="symbol")
        return self.instruments[key]

    def _day_range(self, from_ms: int, until_ms: int) -> tuple[int, int]:
        first = max((from_ms - self.start_ms) // DAY_MS, 0)
        return first, max(-((self.start_ms - until_ms) // DAY_MS), first)

    def _make_days(self, count: int) -> None:
        made = len(next(iter(self._days.values())))
        for day in range(made, count):
            shared = self._background.next_day(day)
            for key, path in self._paths.items():
                self._days[key].append(path.next_day(shared))

    def _funding_of_day(self, key: str, day: int) -> Floats:
        random = generator(self.seed, f"{self.instruments[key].symbol} funding", day)
        return np.round(self._recipe.funding * (1.0 + random.standard_normal(SETTLEMENTS_A_DAY)), 8)


def _instrument(venue: str, symbol: str, *, free: bool) -> Instrument:
    if venue not in (PERPETUAL_VENUE, SPOT_VENUE):
        raise InvalidInput(
            f"{venue!r} is not simulated.", field="venue", remedy=f"Use {PERPETUAL_VENUE} or {SPOT_VENUE}."
        )
    costs = dict.fromkeys(("maker_fee", "taker_fee", "slippage"), "0") if free else {}
    return instrument_for(venue, symbol, first_price(symbol), {venue: costs})


_NONE = np.empty(0)
_NO_BARS = Bars(_NONE.astype(np.int64), _NONE, _NONE, _NONE, _NONE, _NONE)
