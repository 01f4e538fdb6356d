"""Random numbers of the simulated market: every stream of every day can be drawn again by itself."""

import math
import zlib

import numpy as np
from scipy.signal import lfilter

from core.market import Floats

MINUTES = 1440
#: Steps of the price path inside one minute.
STEPS = 4

#: Log-volatility is autoregressive: correlation from minute to minute, and its standard deviation in the long run.
VOLATILITY_MEMORY = 0.996
VOLATILITY_SPREAD = 0.25


def generator(seed: int, stream: str, day: int) -> np.random.Generator:
    """The random numbers of one stream on one day: a pure function of its arguments."""
    key = [seed % 2**64, zlib.crc32(stream.encode())]
    return np.random.Generator(np.random.Philox(key=key, counter=[0, 0, 0, day]))


def autoregression(random: np.random.Generator, state: Floats) -> tuple[Floats, Floats]:
    """A day of an autoregressive series of standard deviation VOLATILITY_SPREAD, and the state for the next day."""
    scale = VOLATILITY_SPREAD * math.sqrt(1.0 - VOLATILITY_MEMORY**2)
    series, state = lfilter([1.0], [1.0, -VOLATILITY_MEMORY], scale * random.standard_normal(MINUTES), zi=state)
    return series, state
