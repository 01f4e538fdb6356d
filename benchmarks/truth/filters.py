"""Random calendar rules: some hours on some weekdays on which not to trade."""

import numpy as np

from core.market import Floats


def calendar_filters(count: int, days: int, rng: np.random.Generator) -> Floats:
    """Masks [count, days, 24], 1 where the rule skips trading: 3 to 10 consecutive hours on 1 to 7 weekdays."""
    masks = np.zeros((count, days, 24))
    weekday = np.arange(days) % 7
    for mask in masks:
        hours = (rng.integers(24) + np.arange(rng.integers(3, 11))) % 24
        chosen = rng.permutation(7)[: rng.integers(1, 8)]
        mask[np.ix_(np.flatnonzero(np.isin(weekday, chosen)), hours)] = 1.0
    return masks
