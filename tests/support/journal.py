"""A made-up journal whose fills and trades tell one story, with the same trades as a pandas table beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from core.clock import MINUTE_MS, from_ms, to_ms
from core.market import Bars
from core.trading import (
    Decision,
    DecisionKind,
    ExitReason,
    Fate,
    Fill,
    RefusalReason,
    Side,
    StrategyInstance,
    Trade,
)
from storage.journal_batch import JournalBatch
from storage.stores import Stores

MINUTE = timedelta(minutes=1)
REGIMES = ("up_calm", "range_calm", "down_volatile")
EXITS = (ExitReason.STOP, ExitReason.TARGET, ExitReason.TIME)

MOMENTUM = StrategyInstance(
    "momentum_scalping.BTCUSDT", "momentum_scalping", "binance_usdm", "BTCUSDT", Decimal(10_000)
)
MAKING = StrategyInstance("market_making.ETHUSDT", "market_making", "binance_usdm", "ETHUSDT", Decimal(5_000))
INSTANCES = (MOMENTUM, MAKING)


@dataclass(frozen=True)
class MadeJournal:
    """What was written, and the trades as a table with float columns and aware UTC times."""

    batch: JournalBatch
    table: pd.DataFrame


def made_journal(
    seed: int, start: datetime, minutes: int, instances: tuple[StrategyInstance, ...] = INSTANCES
) -> MadeJournal:
    """One position after the other for each instance over [start, start + minutes), some of them over midnight."""
    random = np.random.default_rng(seed)
    trades, fills = [], []
    for instance in instances:
        minute, seq = int(random.integers(1, 9)), 1
        while (closes := minute + int(random.integers(1, 60))) < minutes:
            trade = _trade(random, instance, seq, start + minute * MINUTE, start + closes * MINUTE)
            trades.append(trade)
            fills += _fills(trade)
            minute, seq = closes + int(random.integers(0, 30)), seq + 1
    return MadeJournal(JournalBatch(fills=fills, trades=trades), _table(trades, {i.id: i.strategy for i in instances}))


def flat_bars(start: datetime, minutes: int, price: float = 100.0, seed: int = 0) -> Bars:
    """A quiet random walk, one bar a minute."""
    random = np.random.default_rng(seed)
    close = price * np.exp(np.cumsum(random.normal(0, 3e-4, minutes)))
    opened = np.concatenate([[price], close[:-1]])
    time = to_ms(start) + MINUTE_MS * np.arange(minutes, dtype=np.int64)
    return Bars(time, opened, np.maximum(opened, close), np.minimum(opened, close), close, np.full(minutes, 5.0))


def idle_decision(
    seq: int, at: datetime, fate: Fate, reason: RefusalReason, side: Side, stop: float, target: float
) -> Decision:
    """A refused or near entry of MOMENTUM with its own stop and target."""
    context = {"wanted": {"stop": stop, "target": target, "quantity": 1.0}}
    price = Decimal(str(round((stop + target) / 2, 4)))
    return Decision(MOMENTUM.id, seq, at, DecisionKind.ENTRY, side, 0.9, fate, reason, price, 1, context)


def keep(stores: Stores, batch: JournalBatch) -> None:
    with stores.begin(durable=False) as tx:
        tx.journal.write(batch)


def keep_bars(stores: Stores, bars: Bars, instances: tuple[StrategyInstance, ...] = INSTANCES) -> None:
    with stores.begin(durable=False) as tx:
        for instance in instances:
            tx.bars.append(instance.venue, instance.symbol, bars)


def _trade(
    random: np.random.Generator, instance: StrategyInstance, seq: int, opened: datetime, closed: datetime
) -> Trade:
    side = Side.BUY if random.random() < 0.5 else Side.SELL
    quantity = Decimal(str(round(float(random.uniform(0.1, 2)), 3)))
    entry = Decimal(str(round(float(random.uniform(99, 101)), 2)))
    leaving = Decimal(str(round(float(entry) * (1 + float(random.normal(0, 0.004))), 2)))
    gross = int(side) * quantity * (leaving - entry)
    fees = (quantity * (entry + leaving) * Decimal("0.0004")).quantize(Decimal("1e-8"))
    funding = Decimal(str(round(float(random.normal(0, 0.01)), 8)))
    return Trade(
        instance_id=instance.id,
        seq=seq,
        side=side,
        quantity=quantity,
        opened_at=opened,
        closed_at=closed,
        entry_price=entry,
        exit_price=leaving,
        gross_pnl=gross,
        fees=fees,
        funding=funding,
        slippage=Decimal(0),
        pnl=gross - fees + funding,
        mae=0.002,
        mfe=0.003,
        bars_held=int((closed - opened) / MINUTE),
        exit_reason=EXITS[int(random.integers(len(EXITS)))],
        strength=1.2,
        regime=REGIMES[int(random.integers(len(REGIMES)))],
        decision_seq=None,
        entry_version=int(random.integers(1, 3)),
        exit_version=2,
        entry_context={},
        exit_context={},
        execution={},
    )


def _fills(trade: Trade) -> list[Fill]:
    """Entry and exit, half of the fees each."""
    half = trade.fees / 2
    both = ((2 * trade.seq - 1, trade.opened_at, trade.side), (2 * trade.seq, trade.closed_at, Side(-trade.side)))
    return [
        Fill(trade.instance_id, seq, at, side, trade.quantity, trade.entry_price, half, Decimal(0), False, seq, 1)
        for seq, at, side in both
    ]


def _table(trades: list[Trade], strategies: dict[str, str]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "id": [trade.id for trade in trades],
            "instance": [trade.instance_id for trade in trades],
            "strategy": [strategies[trade.instance_id] for trade in trades],
            "closed_at": pd.to_datetime([trade.closed_at for trade in trades], utc=True),
            "regime": [trade.regime for trade in trades],
            "exit_reason": [trade.exit_reason.name.lower() for trade in trades],
            "version": [f"{trade.instance_id}@{trade.entry_version}" for trade in trades],
            **{
                name: [float(getattr(trade, name)) for trade in trades]
                for name in ("gross_pnl", "fees", "funding", "pnl")
            },
        }
    )
    return table.sort_values(["closed_at", "id"], ignore_index=True)


def minute_of(bars: Bars, index: int) -> datetime:
    return from_ms(int(bars.time[index]))
