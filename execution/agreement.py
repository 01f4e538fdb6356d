"""Do two engines agree on a run? Ours against the referee's (execution.referee), trade by trade.

Stated conventions, under which both run: next-open market orders, stop before target, no slippage and one fee on every
fill, no price grid, no funding, no shortage of volume, no risk pauses; quantities in whole steps. A trade that meets a
bar without volume or after a gap is set aside, since the referee trades there and we do not.
"""

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from inspect import getsourcefile
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InvalidInput, Unavailable
from core.market import Bars
from execution.account import Account, RiskLimits
from execution.backtest import backtest, first_bar
from execution.buffers import Rows
from execution.marketdata import MarketData
from strategies import registry
from strategies.contract import Strategy

_UNBOUNDED = RiskLimits(max_daily_loss=math.inf, max_consecutive_losses=2**62, max_orders_per_hour=2**62)
#: So much volume that none is short; a power of two, so that features keep every bit.
_PLENTY = 2.0**40
_FIELDS = ("entry_time", "exit_time", "side", "quantity", "entry_price", "exit_price", "pnl")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two engines said about one run. `differing` describes each trade that only one has, or that differs."""

    engine: str
    ours: int
    theirs: int
    set_aside: int
    differing: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.differing

    @property
    def line(self) -> str:
        """One plain sentence for people."""
        if self.agrees:
            return f"{self.engine} makes the same {self.ours} trades."
        return f"{self.engine} differs in {len(self.differing)} of {max(self.ours, self.theirs)} trades."


def consult(
    strategy: Strategy,
    market: MarketData,
    values: Mapping[str, Any],
    account: Account,
    *,
    trade_from_ms: int | None = None,
    plot: Path | None = None,
    timeout_s: float = 900.0,
) -> Agreement:
    """Run one parameter set in both engines and compare; `plot` receives the referee's interactive page.

    A quoting strategy raises InvalidInput (the referee knows no resting quotes); a referee that fails, Unavailable.
    """
    if strategy.kind != "directional":
        raise InvalidInput(f"{strategy.name} quotes; the referee judges directional strategies.", field="strategy")
    instrument = replace(
        market.instrument,
        price_step=Decimal(0),
        slippage=Decimal(0),
        maker_fee=market.instrument.taker_fee,
    )
    plain = MarketData(instrument, replace(market.bars, volume=market.bars.volume * _PLENTY))
    unbounded = replace(account, limits=replace(_UNBOUNDED, max_notional=account.limits.max_notional))
    ours = backtest(strategy, plain, values, unbounded, trade_from_ms=trade_from_ms).trades
    with tempfile.TemporaryDirectory() as folder:
        request = _request(strategy, plain, values, unbounded, first_bar(plain, trade_from_ms), Path(folder), plot)
        answer = _ask(request, timeout_s)
    theirs = [tuple(row) for row in answer["trades"]]
    return _compare(answer["engine"], ours, theirs, _untradable(market.bars))


def _request(
    strategy: Strategy,
    market: MarketData,
    values: Mapping[str, Any],
    account: Account,
    start: int,
    folder: Path,
    plot: Path | None,
) -> dict[str, Any]:
    bars = market.bars
    columns = folder / "bars.npy"
    np.save(columns, np.column_stack([bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume]))
    builtin = strategy.name in registry.BUILT_IN
    instrument = market.instrument
    return {
        "strategy": strategy.name,
        "strategy_file": None if builtin else getsourcefile(strategy.step),
        "values": strategy.declaration.complete(values),
        "bars": str(columns),
        "bar_ms": bars.bar_ms,
        "start": start,
        "plot": str(plot.resolve()) if plot else None,
        "account": {
            "capital": account.capital,
            "risk_fraction": account.risk_fraction,
            "max_notional": min(account.limits.max_notional or math.inf, account.capital),
            "unit": float(instrument.quantity_step),
            "min_quantity": float(instrument.min_quantity),
            "min_notional": float(instrument.min_notional),
            "fee": float(instrument.taker_fee),
            "can_short": instrument.perpetual,
        },
    }


def _ask(request: dict[str, Any], timeout_s: float) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-m", "execution.referee"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell, no outside text in the command
            command,
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=True,
            cwd=Path(__file__).parents[1],
        )
    except subprocess.SubprocessError as failure:
        said = (getattr(failure, "stderr", None) or str(failure)).strip().splitlines()[-1:]
        raise Unavailable(f"The referee did not answer: {' '.join(said)}") from failure
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _untradable(bars: Bars) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Open times of the bars on which we never trade, the very first left out."""
    stale: np.ndarray[Any, np.dtype[np.bool_]] = (bars.volume[1:] <= 0) | (np.diff(bars.time) != bars.bar_ms)
    times: np.ndarray[Any, np.dtype[np.int64]] = bars.time[1:][stale]
    return times


def _compare(
    engine: str, ours: Rows, theirs: list[tuple[float, ...]], untradable: np.ndarray[Any, np.dtype[np.int64]]
) -> Agreement:
    mine = {int(row["entry_time"]): tuple(row[name].item() for name in _FIELDS) for row in ours}
    other = {int(row[0]): row for row in theirs}
    differing = []
    aside = 0
    for entry in sorted(mine.keys() | other.keys()):
        left, right = mine.get(entry), other.get(entry)
        if left and right and _equal(left, right):
            continue
        seen = [row for row in (left, right) if row]
        end = max(row[1] for row in seen)
        if ((untradable >= entry) & (untradable <= end)).any():
            aside += 1
        else:
            differing.append(f"ours {left}, theirs {right}")
    return Agreement(engine, len(ours), len(theirs), aside, tuple(differing))


def _equal(left: tuple[float, ...], right: tuple[float, ...]) -> bool:
    """Same bars and side; quantity and prices within rounding; profit within a hundredth."""
    same_bars = left[:3] == right[:3]
    close = all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(left[3:6], right[3:6], strict=True))
    return same_bars and close and abs(left[6] - right[6]) <= 0.01
