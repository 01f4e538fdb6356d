"""From the engine's rows to the journal's: money becomes Decimal, times become aware, context joins each row.

The context of a row is what was known before it happened: the features of the last bar closed at that moment.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.clock import from_ms
from core.market import Floats, Instrument, Times
from core.regimes import regime_of
from core.trading import Decision, DecisionKind, ExitReason, Fate, Fill, Order, OrderKind, RefusalReason, Side, Trade
from execution.money import amount, on_step
from execution.records import FillKind
from strategies.features import FEATURE_NAMES

Context = Mapping[str, Any]

ORDER_KINDS: Mapping[int, OrderKind] = {
    FillKind.MARKET: OrderKind.MARKET,
    FillKind.STOP: OrderKind.STOP,
    FillKind.TARGET: OrderKind.TARGET,
    FillKind.QUOTE: OrderKind.QUOTE,
}

CONDITIONS = ("volatility_60", "volume_zscore_60", "trend_240", "atr_14")


@dataclass(frozen=True, slots=True)
class Known:
    """The features known at each bar's close: `closes` in ms UTC, `rows` of shape (features, bars)."""

    closes: Times
    rows: Floats

    def at(self, moment_ms: int) -> dict[str, float | None]:
        """The features of the last bar closed at or before `moment_ms`; unknown ones are None."""
        place = int(np.searchsorted(self.closes, moment_ms, side="right")) - 1
        if place < 0:
            return dict.fromkeys(FEATURE_NAMES)
        return {
            name: None if math.isnan(value) else round(float(value), 8)
            for name, value in zip(FEATURE_NAMES, self.rows[:, place], strict=True)
        }


def context_of(features: Mapping[str, float | None], book: Mapping[str, Any] | None) -> Context:
    """A row's context: market conditions, indicators, and the order book where the feed has one (else None)."""
    conditions = {name: features.get(name) for name in CONDITIONS}
    return {
        "conditions": {**conditions, "regime": regime(features), "sentiment": None},
        "indicators": {name: value for name, value in features.items() if name not in CONDITIONS},
        "book": book,
    }


def regime(features: Mapping[str, float | None]) -> str:
    trend, volatility = features.get("trend_240"), features.get("volatility_60")
    return regime_of(math.nan if trend is None else trend, math.nan if volatility is None else volatility)


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes one instance's rows; everything it needs to know of the instance, and nothing that changes."""

    instance_id: str
    instrument: Instrument
    source: str

    def decisions(self, rows: np.ndarray[Any, Any], contexts: Mapping[int, Context]) -> Iterator[Decision]:
        for row in rows:
            stop, target = (None if math.isnan(row[name]) else float(row[name]) for name in ("stop", "target"))
            wanted = {"stop": stop, "target": target, "quantity": float(row["quantity"])}
            yield Decision(
                instance_id=self.instance_id,
                seq=int(row["seq"]),
                at=from_ms(row["time"]),
                kind=DecisionKind(int(row["kind"])),
                side=Side(int(row["side"])),
                strength=float(row["strength"]),
                fate=Fate(int(row["fate"])),
                reason=RefusalReason(int(row["reason"])),
                price=self._price(row["price"]),
                version=int(row["version"]),
                context={**contexts[int(row["time"])], "wanted": wanted},
            )

    def orders(self, rows: np.ndarray[Any, Any]) -> Iterator[Order]:
        """One order per fill: the paper broker receives an order when the market can take it (order seq = fill seq)."""
        for row in rows:
            yield Order(
                instance_id=self.instance_id,
                seq=int(row["seq"]),
                at=from_ms(row["time"]),
                side=Side(int(row["side"])),
                kind=ORDER_KINDS[int(row["kind"])],
                quantity=self._quantity(row["quantity"]),
                price=None if row["kind"] == FillKind.MARKET else self._price(row["price"]),
                status="filled",
                decision_seq=int(row["decision"]) or None,
                version=int(row["version"]),
            )

    def fills(self, rows: np.ndarray[Any, Any]) -> Iterator[Fill]:
        for row in rows:
            yield Fill(
                instance_id=self.instance_id,
                seq=int(row["seq"]),
                at=from_ms(row["time"]),
                side=Side(int(row["side"])),
                quantity=self._quantity(row["quantity"]),
                price=self._price(row["price"]),
                fee=amount(row["fee"]),
                slippage=amount(row["slippage"]),
                maker=bool(row["maker"]),
                order_seq=int(row["seq"]),
                version=int(row["version"]),
            )

    def trades(
        self, rows: np.ndarray[Any, Any], entry: Mapping[int, Context], exits: Mapping[int, Context]
    ) -> Iterator[Trade]:
        """`entry` maps entry fills' seq, `exits` exit times, to their contexts."""
        for row in rows:
            gross, fees, funding = (amount(row[name]) for name in ("gross_pnl", "fees", "funding"))
            slippage = amount(row["slippage"])
            known = entry[int(row["entry_fill"])]
            yield Trade(
                instance_id=self.instance_id,
                seq=int(row["seq"]),
                side=Side(int(row["side"])),
                quantity=self._quantity(row["quantity"]),
                opened_at=from_ms(row["entry_time"]),
                closed_at=from_ms(row["exit_time"]),
                entry_price=self._price(row["entry_price"]),
                exit_price=self._price(row["exit_price"]),
                gross_pnl=gross,
                fees=fees,
                funding=funding,
                slippage=slippage,
                pnl=gross - fees + funding,
                mae=float(row["mae"]),
                mfe=float(row["mfe"]),
                bars_held=int(row["bars_held"]),
                exit_reason=ExitReason(int(row["exit_reason"])),
                strength=float(row["strength"]),
                regime=str(known["conditions"]["regime"]),
                decision_seq=int(row["decision"]) or None,
                entry_version=int(row["entry_version"]),
                exit_version=int(row["exit_version"]),
                entry_context=known,
                exit_context=exits[int(row["exit_time"])],
                execution={
                    "slippage": str(slippage),
                    "fees": str(fees),
                    "funding": str(funding),
                    "latency_ms": None,
                    "entry_fill": int(row["entry_fill"]),
                    "exit_fill": int(row["exit_fill"]),
                },
                source=self.source,
            )

    def _price(self, value: float) -> Any:
        return on_step(value, self.instrument.price_step)

    def _quantity(self, value: float) -> Any:
        return on_step(value, self.instrument.quantity_step)
