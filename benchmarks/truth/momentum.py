"""A momentum strategy on bar returns, small enough to run a whole grid of parameter sets over many markets."""

from itertools import product

import numpy as np
from numba import njit

from benchmarks.truth.market import BARS_PER_DAY
from core.market import Floats

FEE = 0.0014  # fraction of notional, each way, slippage included

#: look-back bars, entry threshold in standard deviations, stop in standard deviations, longest hold in bars
GRID: Floats = np.array(list(product((4.0, 8.0, 16.0), (0.8, 1.2, 1.6, 2.0), (1.5, 2.5, 4.0), (8.0, 16.0, 32.0))))


@njit(cache=True)
def run(returns: Floats, sets: Floats, fee: float) -> Floats:
    """Daily P&L [sets, days] of one symbol as a fraction of capital, after fees."""
    bars = len(returns)
    out = np.zeros((len(sets), bars // BARS_PER_DAY))
    total = np.concatenate((np.zeros(1), np.cumsum(returns)))
    sigma = _sigma(returns)
    for k in range(len(sets)):
        look, threshold, stop, hold = int(sets[k, 0]), sets[k, 1], sets[k, 2], int(sets[k, 3])
        side, entry, entered, risk = 0.0, 0.0, 0, 0.0
        for i in range(look, bars):
            if side != 0.0:
                out[k, i // BARS_PER_DAY] += side * returns[i]
                gain = side * (total[i + 1] - entry)
                if gain < -stop * risk or i - entered >= hold:
                    out[k, i // BARS_PER_DAY] -= fee
                    side = 0.0
            else:
                width = sigma[i] * np.sqrt(look)
                move = total[i + 1] - total[i + 1 - look]
                if abs(move) > threshold * width:
                    side, entry, entered, risk = np.sign(move), total[i + 1], i, width
                    out[k, i // BARS_PER_DAY] -= fee
    return out


@njit(cache=True)
def by_hour(returns: Floats, one: Floats, fee: float) -> Floats:
    """P&L [days, 24] of one parameter set, booked on the day and hour of the entry, after fees."""
    bars = len(returns)
    out = np.zeros((bars // BARS_PER_DAY, 24))
    total = np.concatenate((np.zeros(1), np.cumsum(returns)))
    sigma = _sigma(returns)
    look, threshold, stop, hold = int(one[0]), one[1], one[2], int(one[3])
    side, entry, entered, risk = 0.0, 0.0, 0, 0.0
    for i in range(look, bars):
        if side != 0.0:
            gain = side * (total[i + 1] - entry)
            if gain < -stop * risk or i - entered >= hold:
                slot = entered % BARS_PER_DAY * 24 // BARS_PER_DAY
                out[entered // BARS_PER_DAY, slot] += gain - 2 * fee
                side = 0.0
        else:
            width = sigma[i] * np.sqrt(look)
            move = total[i + 1] - total[i + 1 - look]
            if abs(move) > threshold * width:
                side, entry, entered, risk = np.sign(move), total[i + 1], i, width
    return out


@njit(cache=True)
def _sigma(returns: Floats) -> Floats:
    """Exponentially weighted standard deviation of a bar, known at its close."""
    out = np.empty_like(returns)
    variance = 1.6e-5
    for i in range(len(returns)):
        variance += 0.02 * (returns[i] ** 2 - variance)
        out[i] = np.sqrt(variance)
    return out
