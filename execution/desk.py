"""The memory of one running strategy: allocated here, read and written by the compiled loop, kept as plain bytes."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.market import Floats, Instrument
from execution.account import Account
from execution.kernel.state import BOOK, Frame
from strategies.compiled import OPAQUE
from strategies.contract import Strategy
from strategies.frame import POSITION, WANT


class Desk:
    """Account, lots, quotes and the step's records of one strategy on one instrument."""

    def __init__(
        self, strategy: Strategy, instrument: Instrument, account: Account, values: Mapping[str, Any], version: int
    ) -> None:
        self.strategy = strategy
        self.books = np.zeros(1, dtype=BOOK)
        self.book = self.books[0]
        self.engine, self.rules, self.controls = (self.book[name] for name in ("engine", "rules", "controls"))
        _write_rules(self.rules, instrument, account)
        self.position, self.want = np.zeros(1, dtype=POSITION), np.zeros(1, dtype=WANT)
        self.parameters, self.staged, self.memory = (
            np.zeros(dtype.itemsize // 8)
            for dtype in (strategy.parameter_record, strategy.parameter_record, strategy.memory_record)
        )
        self._open_account(account, strategy.vector(values), version)
        self.frame = self._frame()

    @property
    def kept(self) -> tuple[np.ndarray[Any, np.dtype[Any]], ...]:
        """The arrays that a snapshot holds, in order."""
        books = [self.books[name] for name in ("engine", "pending", "lots", "quotes")]
        return (*books, self.parameters, self.staged, self.memory)

    def _open_account(self, account: Account, parameters: Floats, version: int) -> None:
        start = self.engine
        for name in ("cash", "equity", "peak", "day_start"):
            start[name] = account.capital
        for name in ("stop", "target"):
            start[name] = math.nan
        start["version"] = version
        start["entry_price"] = math.nan
        start["exit_bar"] = -1_000_000
        start["hour"] = -1
        start["day"] = -1
        self.parameters[: len(parameters)] = parameters
        for name in ("capital", "can_short", "maker_fee", "taker_fee"):
            self.position[0][name] = self.rules[name]

    def _frame(self) -> Frame:
        return Frame(
            position=self.position,
            want=self.want,
            parameter=_opaque(self.parameters),
            memory=_opaque(self.memory),
            parameter_values=self.parameters,
            staged_values=self.staged,
        )


def _opaque(vector: Floats) -> Any:
    """A vector's memory as an array of one record whose fields only the step knows."""
    return vector[:1].view(OPAQUE)


def _write_rules(rules: Any, instrument: Instrument, account: Account) -> None:
    limits = account.limits
    units_per_base = float(1 / instrument.quantity_step) if instrument.quantity_step else 1.0
    values = {
        "bar_ms": 60_000,
        "whole_units": int(instrument.quantity_step > 0),
        "can_short": int(instrument.perpetual),
        "max_consecutive_losses": limits.max_consecutive_losses,
        "pause_bars": limits.pause_bars,
        "max_orders_per_hour": limits.max_orders_per_hour,
        "capital": account.capital,
        "risk_fraction": account.risk_fraction,
        "units_per_volume": account.volume_share * units_per_base,
        "max_notional": min(limits.max_notional or math.inf, account.capital),
        "max_daily_loss": limits.max_daily_loss,
        "max_drawdown": limits.max_drawdown or math.inf,
        "ticks_per_price": float(1 / instrument.price_step) if instrument.price_step else 0.0,
        "units_per_base": units_per_base,
        "min_quantity": float(instrument.min_quantity),
        "min_notional": float(instrument.min_notional),
        "maker_fee": float(instrument.maker_fee),
        "taker_fee": float(instrument.taker_fee),
        "slippage": float(instrument.slippage),
    }
    for name, value in values.items():
        rules[name] = value
