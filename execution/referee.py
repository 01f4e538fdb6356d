"""A second engine's view of a run: our step driven inside backtesting.py, with its orders, fills and accounting.

This is the only module that touches backtesting.py (AGPL-3.0). It is run as a program of its own by
execution.agreement: one JSON request on stdin, one JSON answer on stdout; nothing of ours links to it.
"""

import ctypes
import json
import math
import sys
from typing import Any

import backtesting
import numpy as np
import pandas as pd
from bokeh.settings import settings

from core.market import Bars, Floats
from strategies import registry
from strategies.contract import Strategy
from strategies.features import FeatureStream
from strategies.frame import BAR, POSITION, WANT

Request = dict[str, Any]

#: Their margin check must never refuse what our constant budget allows.
_CASH = 1e12


class Hand:
    """Our compiled step with its records, called through its C address."""

    def __init__(self, strategy: Strategy, values: dict[str, float]) -> None:
        self._call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 7)(strategy.compiled.function.address)
        dtypes = (
            BAR,
            strategy.feature_record,
            strategy.context_record,
            POSITION,
            strategy.parameter_record,
            strategy.memory_record,
            WANT,
        )
        self._records = [np.zeros(1, dtype=dtype) for dtype in dtypes]
        self.bar, self.feature, self.context, self.position, parameter, _, self.want = (r[0] for r in self._records)
        for name, value in zip(strategy.declaration, strategy.vector(values), strict=True):
            parameter[name] = value
        self._addresses = [record.ctypes.data for record in self._records]

    def step(self) -> Any:
        """Clear the wishes, call the step and return them."""
        for name, value in zip(WANT.names or (), (0, 0, 0, math.nan, math.nan, 0, 0), strict=False):
            self.want[name] = value
        self._call(*self._addresses)
        return self.want


class Driven(backtesting.Strategy):  # type: ignore[misc] # untyped library
    """backtesting.py's strategy: shows each closed bar to our step and turns its wishes into their orders."""

    request: Request
    hand: Hand
    matrix: Floats
    features: Floats

    def init(self) -> None:
        account = self.request["account"]
        position = self.hand.position
        position["capital"] = account["capital"]
        position["can_short"] = account["can_short"]
        position["maker_fee"] = position["taker_fee"] = account["fee"]
        for name in self.hand.context.dtype.names:
            self.hand.context[name] = math.nan

    def next(self) -> None:
        i = len(self.data) - 1
        if i < self.request["start"] or not self._tradable(i):
            return
        self._show(i)
        want = self.hand.step()
        if self.trades:
            self._manage(self.trades[0], want)
        elif want["side"] != 0.0:
            self._enter(want, float(self.matrix[i, 4]))

    def _tradable(self, i: int) -> bool:
        step = self.matrix[i, 0] - self.matrix[i - 1, 0]
        return bool(self.matrix[i, 5] > 0 and step == self.request["bar_ms"])

    def _show(self, i: int) -> None:
        hand = self.hand
        for name, value in zip(BAR.names or (), self.matrix[i], strict=True):
            hand.bar[name] = value
        for name, value in zip(hand.feature.dtype.names, self.features[i], strict=False):
            hand.feature[name] = value
        self._show_position(i, float(self.matrix[i, 4]))

    def _show_position(self, i: int, close: float) -> None:
        shown = self.hand.position
        closed = self.closed_trades
        shown["bars_flat"] = i - closed[-1].exit_bar if closed else 1e6
        if not self.trades:
            for name in ("quantity", "notional", "profit", "bars_held"):
                shown[name] = 0.0
            shown["entry_price"] = math.nan
            return
        trade = self.trades[0]
        unit = self.request["account"]["unit"]
        entry = trade.entry_price / unit
        shown["quantity"] = trade.size * unit
        shown["notional"] = trade.size * unit * close
        shown["entry_price"] = entry
        shown["profit"] = math.copysign(close / entry - 1.0, trade.size * (close - entry))
        shown["bars_held"] = i - trade.entry_bar + 1

    def _manage(self, trade: Any, want: Any) -> None:
        unit = self.request["account"]["unit"]
        if not math.isnan(want["stop"]):
            trade.sl = float(want["stop"]) * unit
        if want["exit"] != 0.0:
            trade.close()

    def _enter(self, want: Any, close: float) -> None:
        account = self.request["account"]
        side = float(want["side"])
        distance = side * (close - float(want["stop"]))
        if not distance > 0 or (side < 0 and not account["can_short"]):
            return
        wanted = min(account["capital"] * account["risk_fraction"] / distance, account["max_notional"] / close)
        size = math.floor(wanted / account["unit"] + 1e-9)
        quantity = size * account["unit"]
        if quantity <= 0 or quantity < account["min_quantity"] or quantity * close < account["min_notional"]:
            return
        target = None if math.isnan(want["target"]) else _beyond(float(want["target"]) * account["unit"], side)
        order = self.buy if side > 0 else self.sell
        order(size=size, sl=float(want["stop"]) * account["unit"], tp=target)


def _beyond(price: float, side: float) -> float:
    """The next float past a target: theirs fills at a touch, ours when traded through."""
    return math.nextafter(price, math.copysign(math.inf, side))


def judge(request: Request) -> dict[str, Any]:
    """Run the request in backtesting.py; returns its closed trades and, if asked for, writes its plot."""
    name = request["strategy"]
    strategy = registry.load(request["strategy_file"]) if request["strategy_file"] else registry.get(name)
    matrix = np.load(request["bars"])
    unit = request["account"]["unit"]
    candles = pd.DataFrame(matrix[:, 1:], columns=["Open", "High", "Low", "Close", "Volume"])
    candles.index = pd.to_datetime(matrix[:, 0].astype("int64"), unit="ms")
    candles[["Open", "High", "Low", "Close"]] *= unit
    bars = _bars(matrix, request["bar_ms"])
    driven = type(
        "Driven",
        (Driven,),
        {
            "request": request,
            "matrix": matrix,
            "hand": Hand(strategy, request["values"]),
            "features": FeatureStream(strategy.features).advance(bars),
        },
    )
    run = backtesting.Backtest(candles, driven, cash=_CASH, commission=request["account"]["fee"])
    trades = run.run()["_trades"]
    if request["plot"]:
        settings.resources = "inline"
        run.plot(filename=request["plot"], open_browser=False, resample=False)
    return {"engine": f"backtesting.py {backtesting.__version__}", "trades": _rows(trades, matrix[:, 0], unit)}


def _bars(matrix: Floats, bar_ms: int) -> Bars:
    opens, highs, lows, closes, volumes = matrix[:, 1:].T.copy()
    return Bars(matrix[:, 0].astype(np.int64), opens, highs, lows, closes, volumes, bar_ms)


def _rows(trades: Any, time: Any, unit: float) -> list[list[float]]:
    """Entry and exit time, side, quantity, prices and profit of each trade."""
    return [
        [
            int(time[row.EntryBar]),
            int(time[row.ExitBar]),
            int(math.copysign(1, row.Size)),
            abs(row.Size) * unit,
            row.EntryPrice / unit,
            row.ExitPrice / unit,
            row.PnL,
        ]
        for row in trades.itertuples()
    ]


def main() -> None:
    """Answer one request."""
    answer = judge(json.load(sys.stdin))
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
