"""How sure an effect is: an interval for today, and a sequence of intervals that holds on all days at once.

Both work on the sums of BLOCK_DAYS consecutive days, because regimes outlast a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import fmean, stdev
from typing import Literal

from scipy.stats import t as student

BLOCK_DAYS = 5
#: Blocks below which nothing is said in public: earlier the normal limit of the sequence is not reached.
FEWEST_BLOCKS = 8
#: The sequence is narrowest after this many blocks (about 112 days).
NARROWEST_BLOCKS = 20
CONFIDENCE = 0.95

Word = Literal["better", "worse"]


@dataclass(frozen=True, slots=True)
class Interval:
    """[low, high] for the mean of one day."""

    low: float
    high: float


def interval(series: Sequence[float], level: float = 0.90) -> Interval | None:
    """The two-sided interval of the daily mean by Student's t over blocks; None for fewer than three blocks."""
    blocks = _blocks(series)
    if len(blocks) < 3:
        return None
    width = float(student.ppf((1 + level) / 2, len(blocks) - 1)) * stdev(blocks) / sqrt(len(blocks))
    return _around(blocks, width)


def sequence(series: Sequence[float]) -> Interval | None:
    """Today's interval of an asymptotic confidence sequence; None for fewer than FEWEST_BLOCKS.

    The daily mean lies in the intervals of all days at once with probability CONFIDENCE (Waudby-Smith, Arbour, Sinha,
    Kennedy and Ramdas 2024, normal mixture): it may be looked at whenever one likes.
    """
    blocks = _blocks(series)
    if len(blocks) < FEWEST_BLOCKS:
        return None
    alpha = 1 - CONFIDENCE
    rho = sqrt((-2 * log(alpha) + log(-2 * log(alpha) + 1)) / NARROWEST_BLOCKS)
    grown = len(blocks) * rho**2 + 1
    width = stdev(blocks) * sqrt(2 * grown / (len(blocks) * rho) ** 2 * log(sqrt(grown) / alpha))
    return _around(blocks, width)


def word(series: Sequence[float]) -> Word | None:
    """The only way to a public "better" or "worse": the sequence excludes zero."""
    proven = sequence(series)
    if proven is None or proven.low <= 0 <= proven.high:
        return None
    return "better" if proven.low > 0 else "worse"


def _blocks(series: Sequence[float]) -> list[float]:
    """Sums of whole blocks, oldest first; the days of an unfinished one wait."""
    whole = len(series) // BLOCK_DAYS * BLOCK_DAYS
    return [sum(series[start : start + BLOCK_DAYS]) for start in range(0, whole, BLOCK_DAYS)]


def _around(blocks: Sequence[float], width: float) -> Interval:
    mean = fmean(blocks)
    return Interval((mean - width) / BLOCK_DAYS, (mean + width) / BLOCK_DAYS)
