"""The usual size of returns around each day."""

import numpy as np

from core.market import Floats

MEMORY_DAYS = 10.0
REACH = 40
#: Share of the average size that is added, so that a calm stretch does not weigh without limit.
FLOOR = 0.1


def usual_swings(size: Floats) -> Floats:
    """The size of returns that the days around each day suggest, the day itself left out: a scale, never 0.

    Leaving the day out keeps a large gain or loss from shrinking itself.
    """
    reach = min(REACH, len(size) - 1)
    if reach < 1 or not size.any():
        return np.ones(len(size))
    weights = np.exp(-np.abs(np.arange(-reach, reach + 1)) / MEMORY_DAYS)
    weights[reach] = 0.0
    around = np.convolve(np.pad(size, reach, mode="reflect"), weights / weights.sum(), "valid")
    scale: Floats = around + FLOOR * size.mean()
    return scale
