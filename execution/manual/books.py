"""The manual desk's books inside one transaction: what is held, and the rows that fills leave behind."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from core.market import Instrument
from core.trading import (
    MANUAL,
    Decision,
    DecisionKind,
    Fate,
    Fill,
    Order,
    OrderKind,
    RefusalReason,
    Side,
    Trade,
)
from execution.manual.lots import Lot, as_document, from_document, held, match, mean_price
from execution.manual.order import Execution, ManualOrder
from execution.money import CENT, amount
from storage import foreign_trades
from storage.foreign_trades import Market
from storage.journal_batch import JournalBatch, RunnerState
from storage.queries.held import while_held
from storage.stores import Transaction

#: Manual rows have no parameters behind them.
NO_VERSION = 0


class Books:
    """Lots per market (`venue/symbol`) as stored, and the numbers from which rows go on."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        stored = tx.journal.state(MANUAL)
        documents: Mapping[str, Sequence[Mapping[str, Any]]] = json.loads(stored.state) if stored else {}
        self.lots = {market: [from_document(lot) for lot in lots] for market, lots in documents.items()}
        last = tx.journal.last_seqs(MANUAL)
        self._decisions, self._fills, self._trades = (
            count(number + 1) for number in (last.decisions, last.fills, last.trades)
        )

    def position(self, market: str) -> Decimal:
        """Signed base units."""
        return held(self.lots.get(market, ()))

    def keep(self, at: datetime) -> None:
        """Store what is held after these fills."""
        lots = {market: [as_document(lot) for lot in found] for market, found in self.lots.items() if found}
        summary = {"positions": [_position(market, found) for market, found in self.lots.items() if found]}
        state = RunnerState(MANUAL, at, NO_VERSION, summary, json.dumps(lots).encode())
        self._tx.journal.write(JournalBatch(states=[state]))

    def refuse(self, order: ManualOrder, asked: Execution, reason: RefusalReason) -> dict[str, Any]:
        """Journal why the order was not filled; returns the command's answer."""
        self._decide(order, asked, self._kind(order, order.quantity), reason)
        return {"error": f"The order was refused: {reason.name.lower()}.", "reason": reason.name.lower()}

    def fill(self, order: ManualOrder, filled: Execution, instrument: Instrument, at: datetime) -> dict[str, Any]:
        """Journal decision, order, fill and the trades that it closes; returns the command's answer."""
        decision = self._decide(order, filled, self._kind(order, filled.quantity), RefusalReason.NONE)
        number = next(self._fills)
        self._tx.journal.write(_rows(order, filled, number, decision, at))
        trades = self._book(order, filled, instrument, _lot(order, filled, number, decision, at))
        return {
            "order": number,
            "price": str(filled.price),
            "quantity": str(filled.quantity),
            "fee": str(filled.fee),
            "filled_at": at.isoformat(),
            "position": str(self.position(order.market)),
            "trades": trades,
        }

    def _kind(self, order: ManualOrder, quantity: Decimal) -> DecisionKind:
        before = self.position(order.market)
        after = before + int(order.side) * quantity
        return DecisionKind.EXIT if abs(after) < abs(before) and after * before >= 0 else DecisionKind.ENTRY

    def _decide(self, order: ManualOrder, asked: Execution, kind: DecisionKind, reason: RefusalReason) -> int:
        number = next(self._decisions)
        fate = Fate.REFUSED if reason else Fate.EXECUTED
        context = {"command": order.command, "actor": order.actor, "note": order.note, "market": order.market}
        known = {**context, "symbol": order.market.partition("/")[2], "wanted": {"quantity": float(order.quantity)}}
        row = Decision(MANUAL, number, order.at, kind, order.side, 0.0, fate, reason, asked.asked, NO_VERSION, known)
        self._tx.journal.write(JournalBatch(decisions=[row]))
        return number

    def _book(self, order: ManualOrder, filled: Execution, instrument: Instrument, lot: Lot) -> list[str]:
        """Match the fill with the oldest lots, open a lot with what is left; returns the ids of the trades."""
        closed, kept = match(self.lots.get(order.market, ()), lot.quantity)
        ids = []
        for piece in closed:
            out, lot = lot.split(abs(piece.quantity))
            trade = self._trade(piece, out, order, instrument)
            foreign_trades.add_manual(self._tx.connection, trade, Market(MANUAL, instrument.venue, instrument.symbol))
            ids.append(trade.id)
        self.lots[order.market] = [*kept, lot] if lot.quantity else kept
        return ids

    def _trade(self, entry: Lot, leaving: Lot, order: ManualOrder, instrument: Instrument) -> Trade:
        size, side = abs(entry.quantity), Side.BUY if entry.quantity > 0 else Side.SELL
        closed_at = leaving.opened_at
        seen = while_held(self._tx.connection, instrument.venue, instrument.symbol, entry.opened_at, closed_at)
        worst, best = _excursions(side, entry.price, leaving.price, seen.low, seen.high)
        gross = ((leaving.price - entry.price) * entry.quantity).quantize(CENT)
        fees, funding = entry.fee + leaving.fee, amount(-float(entry.quantity) * seen.settled)
        return Trade(
            instance_id=MANUAL,
            seq=next(self._trades),
            side=side,
            quantity=size,
            opened_at=entry.opened_at,
            closed_at=closed_at,
            entry_price=entry.price,
            exit_price=leaving.price,
            gross_pnl=gross,
            fees=fees,
            funding=funding,
            slippage=entry.slippage + leaving.slippage,
            pnl=gross - fees + funding,
            mae=worst,
            mfe=best,
            bars_held=seen.bars,
            exit_reason=order.exit_reason,
            strength=0.0,
            regime="unknown",
            decision_seq=entry.decision,
            entry_version=NO_VERSION,
            exit_version=NO_VERSION,
            entry_context={"source": MANUAL, "decision": entry.decision},
            exit_context={"source": MANUAL, "decision": leaving.decision, "actor": order.actor, "note": order.note},
            execution={"latency_ms": None, "entry_fill": entry.fill, "exit_fill": leaving.fill},
            source="paper",
        )


def _lot(order: ManualOrder, filled: Execution, number: int, decision: int, at: datetime) -> Lot:
    """The whole fill as a lot; what it closes is split from it."""
    signed = filled.quantity * int(order.side)
    return Lot(signed, filled.price, filled.fee, filled.slippage, at, number, decision)


def _rows(order: ManualOrder, filled: Execution, number: int, decision: int, at: datetime) -> JournalBatch:
    size, price = filled.quantity, filled.price
    sent = Order(MANUAL, number, at, order.side, OrderKind.MARKET, size, None, "filled", decision, NO_VERSION)
    fill = Fill(MANUAL, number, at, order.side, size, price, filled.fee, filled.slippage, False, number, NO_VERSION)
    return JournalBatch(orders=[sent], fills=[fill])


def _excursions(
    side: Side, entry: Decimal, leaving: Decimal, low: float | None, high: float | None
) -> tuple[float, float]:
    """How far the price went against and with the position, as fractions of the entry price, both >= 0."""
    start, end = float(entry), float(leaving)
    down = (start - min(end, start if low is None else low)) / start
    up = (max(end, start if high is None else high) - start) / start
    worst, best = (down, up) if side is Side.BUY else (up, down)
    return max(worst, 0.0), max(best, 0.0)


def _position(market: str, lots: Sequence[Lot]) -> dict[str, Any]:
    venue, _, symbol = market.partition("/")
    return {
        "venue": venue,
        "symbol": symbol,
        "quantity": float(held(lots)),
        "entry_price": float(mean_price(lots) or 0),
    }
