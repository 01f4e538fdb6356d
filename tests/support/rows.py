"""Rows that storage tests write: complete, with values that only the given fields change."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.learning import Change, Proposal, ProposalStatus, SeenWindow
from core.trading import (
    Decision,
    DecisionKind,
    ExitReason,
    Fate,
    Fill,
    Order,
    OrderKind,
    RefusalReason,
    Side,
    StrategyInstance,
    Trade,
)
from storage.journal_batch import JournalBatch, RunnerState

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
VALUES = {"entry_threshold": 0.004, "stop_loss": 0.01}


def instance(instance_id: str = "momentum_scalping.BTCUSDT") -> StrategyInstance:
    return StrategyInstance(instance_id, "momentum_scalping", "binance_usdm", "BTCUSDT", Decimal(10_000))


def proposal(proposal_id: str, *, status: ProposalStatus = ProposalStatus.DRAFT, base: int = 1) -> Proposal:
    change = Change("entry_threshold", 0.004, 0.005, "Fewer false starts.")
    return Proposal(
        id=proposal_id,
        instance_id="momentum_scalping.BTCUSDT",
        base_version=base,
        changes=(change,),
        author="miner",
        reason="It lost less.",
        seen=SeenWindow(NOON - timedelta(days=30), NOON),
        created_at=NOON,
        expires_at=NOON + timedelta(days=3),
        evidence={"effect": 1e22, "facts": ["F1"], "rest": -0.0},
        status=status,
    )


def decision(seq: int) -> Decision:
    return Decision(
        "momentum_scalping.BTCUSDT",
        seq,
        NOON + seq * MINUTE,
        DecisionKind.ENTRY,
        Side.BUY,
        1.25,
        Fate.EXECUTED,
        RefusalReason.NONE,
        Decimal("64000.10"),
        1,
        {"rsi": 61.5, "sentiment": None},
    )


def order(seq: int) -> Order:
    at, size, price = NOON + seq * MINUTE, Decimal("0.015"), Decimal("64000.10")
    return Order("momentum_scalping.BTCUSDT", seq, at, Side.BUY, OrderKind.MARKET, size, price, "filled", seq, 1)


def fill(seq: int) -> Fill:
    at, size, price, fee = NOON + seq * MINUTE, Decimal("0.015"), Decimal("64000.10"), Decimal("0.48000075")
    return Fill("momentum_scalping.BTCUSDT", seq, at, Side.BUY, size, price, fee, Decimal("0.01"), False, seq, 1)


def trade(seq: int) -> Trade:
    return Trade(
        instance_id="momentum_scalping.BTCUSDT",
        seq=seq,
        side=Side.BUY,
        quantity=Decimal("0.015"),
        opened_at=NOON + seq * MINUTE,
        closed_at=NOON + (seq + 5) * MINUTE,
        entry_price=Decimal("64000.10"),
        exit_price=Decimal("64100.00"),
        gross_pnl=Decimal("1.4985"),
        fees=Decimal("0.96"),
        funding=Decimal(0),
        slippage=Decimal("0.02"),
        pnl=Decimal("0.5385"),
        mae=-0.001,
        mfe=0.002,
        bars_held=5,
        exit_reason=ExitReason.TARGET,
        strength=1.25,
        regime="trend_up",
        decision_seq=seq,
        entry_version=1,
        exit_version=1,
        entry_context={"rsi": 61.5, "macd": 1.25, "book": None},
        exit_context={"rsi": 70.0},
        execution={"latency_ms": None},
    )


def state(seq: int) -> RunnerState:
    return RunnerState("momentum_scalping.BTCUSDT", NOON + seq * MINUTE, 1, {"position": seq}, b"\x00state\xff")


def batch(*seqs: int) -> JournalBatch:
    """A decision, an order, a fill and a trade per number, and the state after the last."""
    return JournalBatch(
        [decision(seq) for seq in seqs],
        [order(seq) for seq in seqs],
        [fill(seq) for seq in seqs],
        [trade(seq) for seq in seqs],
        [state(seqs[-1])],
    )


def renamed(made: JournalBatch, instance_id: str) -> JournalBatch:
    """The same batch of another instance."""
    kinds = {f.name: getattr(made, f.name) for f in fields(made)}
    return JournalBatch(
        **{name: [replace(row, instance_id=instance_id) for row in rows] for name, rows in kinds.items()}
    )
