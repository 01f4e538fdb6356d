"""How many of a month's verdicts may be luck: Benjamini and Hochberg's q-values (1995)."""

from collections.abc import Sequence

import numpy as np


def q_values(p_values: Sequence[float]) -> list[float]:
    """For each p-value, in the order given, the smallest false discovery rate at which it would be a discovery."""
    if not p_values:
        return []
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)[::-1]
    ranked = p[order] * len(p) / np.arange(len(p), 0, -1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(ranked), 1.0)
    return [float(value) for value in q]
