"""Prices and quantities on their steps."""

from decimal import Decimal

import numpy as np

from core.market import Floats


def on_grid(value: Floats, step: Decimal) -> Floats:
    """Values on multiples of `step`, as the float64 nearest to each decimal number."""
    count = np.rint(value / float(step))
    inverse = 1 / step
    if inverse == int(inverse):
        return np.asarray(count / float(inverse))
    return np.asarray(count * float(step))
