"""Momentum scalping written by hand as one loop for one strategy: the yardstick of what generality costs us.

It does the work of a backtest of ours (trades with fees, slippage, MAE and MFE, equity per bar) and nothing else: no
risk rules, no decisions, no quotes, no lots, no partial exits, no state to keep.
"""

import math

import numba
import numpy as np


@numba.njit(nogil=True, error_model="numpy")
def momentum(  # noqa: C901 - one loop by hand is the point
    time, opens, highs, lows, closes, volumes, move, volume_z, trend, p, rules, trades, equity
):
    """Returns the number of trades; a row: entry bar, exit bar, entry, exit, quantity, pnl, mae, mfe, reason.

    `p`: entry_threshold, stop_loss, take_profit, max_holding, min_volume, min_trend, cooldown.
    `rules`: capital, risk, maker, taker, slippage, ticks per price, units per base, bar ms.
    """
    threshold, stop_loss, take_profit, max_holding, min_volume, min_trend, cooldown = p
    capital, risk, maker, taker, slippage, ticks, units_per_base, bar_ms = rules
    cash = capital
    quantity = 0.0
    side = 0.0
    wanted = 0.0
    leaving = False
    entry = stop = target = entry_fee = low = high = want_stop = want_target = 0.0
    entry_bar = 0
    exit_bar = -1_000_000
    count = 0
    for i in range(len(time)):
        tradable = volumes[i] > 0.0 and i > 0 and time[i] - time[i - 1] == bar_ms
        if tradable:
            if wanted > 0.0:
                raw = opens[i] * (1.0 + side * slippage) * ticks
                entry = (math.ceil(raw - 1e-6) if side > 0 else math.floor(raw + 1e-6)) / ticks
                quantity = wanted
                entry_fee = quantity * entry * taker
                cash -= side * quantity * entry + entry_fee
                low = high = entry
                stop, target = want_stop, want_target
                entry_bar = i
                wanted = 0.0
            if quantity > 0.0:
                price = 0.0
                fee = taker
                reason = 0
                gap_stop = side * (opens[i] - stop) <= 0.0
                hit_stop = side * ((lows[i] if side > 0 else highs[i]) - stop) <= 0.0
                hit_target = side * ((highs[i] if side > 0 else lows[i]) - target) > 0.0
                if leaving:
                    price, reason = opens[i], 3
                elif side * (opens[i] - target) > 0.0 and not gap_stop:
                    price, reason, fee = opens[i], 2, maker
                elif hit_stop:
                    price, reason = (opens[i] if gap_stop else stop), 1
                elif hit_target:
                    price, reason, fee = target, 2, maker
                if reason > 0:
                    if reason != 2:
                        raw = price * (1.0 - side * slippage) * ticks
                        price = (math.floor(raw + 1e-6) if side > 0 else math.ceil(raw - 1e-6)) / ticks
                    paid = quantity * price * fee
                    cash += side * quantity * price - paid
                    best, worst = max(high, price), min(low, price)
                    row = trades[count]
                    row[0] = entry_bar
                    row[1] = i
                    row[2] = entry
                    row[3] = price
                    row[4] = side * quantity
                    row[5] = side * (price - entry) * quantity - paid - entry_fee
                    row[6] = (entry - worst if side > 0 else best - entry) / entry
                    row[7] = (best - entry if side > 0 else entry - worst) / entry
                    row[8] = reason
                    count += 1
                    quantity = 0.0
                    leaving = False
                    exit_bar = i
        else:
            wanted = 0.0
        if quantity > 0.0 and volumes[i] > 0.0:
            low = min(low, lows[i])
            high = max(high, highs[i])
        equity[i] = cash + side * quantity * closes[i]
        if tradable:
            if quantity > 0.0:
                leaving = leaving or i - entry_bar + 1 >= max_holding
            elif abs(move[i]) >= threshold and i - exit_bar >= cooldown and volume_z[i] >= min_volume:
                side = 1.0 if move[i] > 0.0 else -1.0
                if side * trend[i] >= min_trend:
                    want_stop = closes[i] * (1.0 - side * stop_loss)
                    want_target = closes[i] * (1.0 + side * take_profit)
                    size = min(capital * risk / (side * (closes[i] - want_stop)), capital / closes[i])
                    wanted = math.floor(size * units_per_base + 1e-9) / units_per_base
    return count


def new_trades(rows: int = 100_000) -> np.ndarray:
    return np.zeros((rows, 9))
