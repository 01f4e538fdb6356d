"""The price path of one simulated symbol: a day at a time, continuous from bar to bar, on its price steps."""

import math
import zlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from collectors.grid import on_grid
from collectors.simulated_background import REGIME_IMPULSES, BackgroundDay
from collectors.simulated_random import MINUTES, STEPS, autoregression, generator
from collectors.simulated_recipe import Recipe
from collectors.simulated_spells import Spell, draw_spells, drift_profile, still_running
from core.clock import DAY_MS, MINUTE_MS
from core.market import Bars, Floats, Instrument

Mask = npt.NDArray[np.bool_]

FIRST_PRICES = {"BTCUSDT": 60_000.0, "ETHUSDT": 3_000.0, "SOLUSDT": 150.0, "XRPUSDT": 0.6, "BNBUSDT": 600.0}
#: Usual traded value of a minute in quote currency.
MINUTE_VALUE = 1_500_000.0
#: Fat tails: spread of each minute's own volatility, share of violent minutes and how violent they are.
BURST, VIOLENT_SHARE, VIOLENCE = 0.25, 0.002, 8.0


def first_price(symbol: str) -> float:
    """A plausible first price; for symbols unknown here one between 0.1 and 1,000 that depends on the name alone."""
    share = zlib.crc32(symbol.encode()) / 2**32
    return FIRST_PRICES.get(symbol, float(f"{10.0 ** (4.0 * share - 1.0):.4g}"))


@dataclass
class SymbolPath:
    """Walks one symbol forward from day 0 of its market; days must be asked for in order."""

    seed: int
    instrument: Instrument
    recipe: Recipe
    start_ms: int
    _log_price: float = field(init=False)
    _volatility: Floats = field(default_factory=lambda: np.zeros(1), init=False)
    _given: Floats = field(default_factory=lambda: np.zeros(1), init=False)
    _spells: tuple[Spell, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        self._log_price = math.log(first_price(self.instrument.symbol))

    def next_day(self, shared: BackgroundDay) -> Bars:
        """The 1,440 bars of the day of `shared`."""
        random = generator(self.seed, self.instrument.symbol, shared.day)
        log_volatility, self._volatility = autoregression(random, self._volatility)
        bursts, violent = _bursts(random)
        sigma = self.recipe.volatility * shared.volatility * np.exp(log_volatility) * bursts
        drift, loud = self._drift_profile(random, shared)
        noise = self._noise(random, shared, sigma)
        drift += self._give_back(noise.sum(axis=1), violent) - 0.5 * sigma**2
        path = self._log_price + np.cumsum(noise + drift[:, None] / STEPS)
        prices = self._prices(random, path, sigma)
        moved = np.abs(np.diff(path[STEPS - 1 :: STEPS], prepend=self._log_price)) / sigma
        value = MINUTE_VALUE * (sigma / self.recipe.volatility) * (0.4 + 0.6 * moved)
        value *= self.recipe.impulse_volume**loud * np.exp(0.4 * random.standard_normal(MINUTES))
        self._log_price = float(path[-1])
        time = self.start_ms + shared.day * DAY_MS + np.arange(MINUTES) * MINUTE_MS
        return Bars(time, *prices, self._quantities(value / prices[3]))

    def _drift_profile(self, random: np.random.Generator, shared: BackgroundDay) -> tuple[Floats, Floats]:
        rate = (self.recipe.impulses - self.recipe.common_impulses) * REGIME_IMPULSES[shared.regime]
        own = draw_spells(random, rate, shared.day, self.recipe)
        self._spells = still_running(self._spells, shared.day) + own
        return drift_profile(self._spells + shared.spells, shared.day)

    def _noise(self, random: np.random.Generator, shared: BackgroundDay, sigma: Floats) -> Floats:
        """Correlated shocks, shape [MINUTES, STEPS], with standard deviation `sigma` per minute."""
        own = random.standard_normal((MINUTES, STEPS))
        common = self.recipe.correlation
        mixed = math.sqrt(common) * shared.shocks + math.sqrt(1.0 - common) * own
        shocks: Floats = mixed * sigma[:, None] / math.sqrt(STEPS)
        return shocks

    def _give_back(self, noise: Floats, violent: Mask) -> Floats:
        """The drift per minute that takes back the transient share of earlier noise."""
        if not self.recipe.transient:
            return np.zeros(MINUTES)
        rate = 1.0 - 0.5 ** (1.0 / self.recipe.give_back)
        transient = noise * np.where(violent, self.recipe.violent_transient, self.recipe.transient)
        before, self._given = lfilter([0.0, 1.0], [1.0, rate - 1.0], transient, zi=self._given)
        taken: Floats = -rate * before
        return taken

    def _prices(
        self, random: np.random.Generator, path: Floats, sigma: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Open, high, low and close. Between two points of the path the extremes are those of a Brownian bridge."""
        begin = np.concatenate([[self._log_price], path[:-1]])
        spread = np.repeat(sigma**2, STEPS) * (2.0 / STEPS)
        reach = [np.sqrt((path - begin) ** 2 - spread * np.log1p(-random.random(len(path)))) for _ in range(2)]
        top = (0.5 * (begin + path + reach[0])).reshape(MINUTES, STEPS).max(axis=1)
        bottom = (0.5 * (begin + path - reach[1])).reshape(MINUTES, STEPS).min(axis=1)
        close = self._on_step(path[STEPS - 1 :: STEPS])
        opened = np.concatenate([self._on_step(begin[:1]), close[:-1]])
        return opened, np.maximum(self._on_step(top), opened), np.minimum(self._on_step(bottom), opened), close

    def _on_step(self, log_price: Floats) -> Floats:
        return on_grid(np.exp(log_price), self.instrument.price_step)

    def _quantities(self, quantity: Floats) -> Floats:
        step = self.instrument.quantity_step
        return np.maximum(on_grid(quantity, step), float(step))


def _bursts(random: np.random.Generator) -> tuple[Floats, Mask]:
    """Each minute's own factor on volatility, and which minutes are violent."""
    violent = random.random(MINUTES) < VIOLENT_SHARE
    return np.exp(BURST * random.standard_normal(MINUTES)) * np.where(violent, VIOLENCE, 1.0), violent
