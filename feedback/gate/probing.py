"""Probes of a foreign simulation: does it know the future, and does it pay for its trades?"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.clock import DAY_MS
from core.errors import BadData
from feedback.gate.plugin import PRICES, Plugin, times_of
from feedback.gate.subject import Probes

#: Places where the future is made up, and the candles that lead to each.
PLACES = 24
LEAD = 600
CUTS = (0.5, 0.75)
_COSTS = re.compile(r"fee|commission|slippage|cost", re.IGNORECASE)
#: A candidate that pays less than this share of what the incumbent pays for a trade trades for free.
FREE_SHARE = 0.2
_STILL = 1e-4


def probe(
    plugin: Plugin, frames: Sequence[pd.DataFrame], incumbent: Mapping[str, Any], candidate: Mapping[str, Any]
) -> Probes:
    """Probe the candidate on every symbol's candles."""
    share = max(PLACES // len(frames), 4)
    found = [one for frame in frames for one in _foresight(plugin, frame, candidate, share)]
    return Probes(
        foresight=float(np.mean(found)) if found else None,
        rewritten_days=sum(_rewritten(plugin, frame, candidate) for frame in frames),
        free_trades=_free_trades(plugin, frames[0], incumbent, candidate),
        cost_parameters=_changed_costs(incumbent, candidate),
    )


def _foresight(plugin: Plugin, frame: pd.DataFrame, params: Mapping[str, Any], places: int) -> list[bool]:
    """For each place where the last bar mattered: whether the simulation gained from it, up or down alike.

    The bars before are the same in all three futures, so an honest position gains in one direction what it loses in
    the other; only one that was chosen knowing the last bar never loses.
    """
    ends = np.unique(np.linspace(min(len(frame) // 3, LEAD), len(frame) - 1, places).astype(int))
    found = []
    for end in ends[ends >= 2]:
        lead = frame.iloc[max(0, end - LEAD) : end + 1]
        moves = np.diff(np.log(lead["close"].to_numpy(dtype=np.float64)[:-1]))
        size = float(np.clip(6 * moves.std(), 0.003, 0.05)) if len(moves) else 0.01
        try:
            flat, up, down = (float(plugin.run(_with_last(lead, m), params).pnl.sum()) for m in (0.0, size, -size))
        except BadData:  # too little history for this simulation: no answer, not a wrong one
            continue
        gains = (up - flat, down - flat)
        if max(abs(gain) for gain in gains) > 1e-9:
            found.append(min(gains) > -1e-9)
    return found


def _with_last(lead: pd.DataFrame, move: float) -> pd.DataFrame:
    """The same candles with a made-up last bar that moves by `move` from the close before it."""
    changed = lead.reset_index(drop=True).astype(dict.fromkeys(PRICES, "float64"))
    before = float(changed["close"].iloc[-2])
    after = before * (1 + move)
    changed.loc[changed.index[-1], list(PRICES)] = [before, max(before, after), min(before, after), after]
    return changed


def _rewritten(plugin: Plugin, frame: pd.DataFrame, params: Mapping[str, Any]) -> int:
    """How many days, well before a cut, change when the candles after it are taken away."""
    whole = plugin.run(frame, params)
    time = times_of(frame)
    scale = max(float(np.abs(whole.pnl).max(initial=0.0)), 1e-12)
    changed = 0
    for share in CUTS:
        cut = int(whole.days[int(share * len(whole.days))])
        if not (time < cut).any():
            continue
        part = plugin.run(frame[time < cut].reset_index(drop=True), params)
        settled = part.days < cut - DAY_MS
        changed += int((np.abs(part.pnl - whole.pnl[: len(part.pnl)])[settled] > 1e-6 * scale).sum())
    return changed


def _free_trades(
    plugin: Plugin, frame: pd.DataFrame, incumbent: Mapping[str, Any], candidate: Mapping[str, Any]
) -> bool | None:
    """Whether the candidate trades an almost standing market at far lower cost than the incumbent; None: no trades."""
    still = frame.reset_index(drop=True).astype(dict.fromkeys(PRICES, "float64"))
    start = float(still["close"].iloc[0])
    for name in PRICES:
        still[name] = start * (still[name] / start) ** _STILL
    paid = [_cost_of_trading(plugin, frame, still, params) for params in (incumbent, candidate)]
    if paid[0] is None or paid[1] is None or paid[0] <= 0:
        return None
    return paid[1] < FREE_SHARE * paid[0]


def _cost_of_trading(
    plugin: Plugin, frame: pd.DataFrame, still: pd.DataFrame, params: Mapping[str, Any]
) -> float | None:
    """Loss per trade in the still market, in units of what a trade moves in the real one."""
    quiet, real = plugin.run(still, params), plugin.run(frame, params)
    if quiet.trades.sum() < 1 or real.trades.sum() < 1 or not np.abs(real.pnl).any():
        return None
    size = float(np.abs(real.pnl).sum() / real.trades.sum())
    return -float(quiet.pnl.sum() / quiet.trades.sum()) / size


def _changed_costs(incumbent: Mapping[str, Any], candidate: Mapping[str, Any]) -> tuple[str, ...]:
    names = sorted({*incumbent, *candidate})
    return tuple(name for name in names if _COSTS.search(name) and incumbent.get(name) != candidate.get(name))
