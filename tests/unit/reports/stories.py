"""A story with something of everything, for the tests of what renders it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from core.facts import DayFacts, Fact, MarketPhase, MissedOpportunities, Summary, TradeLine
from core.learning import Change, Feedback, Proposal, ProposalStatus, Review, SeenWindow
from core.market import DataQuality
from core.story import DailyStory, Incident, JudgedProposal, Tomorrow

START = datetime(2025, 5, 4, 15, 0, tzinfo=UTC)
INSTANCE = "momentum_scalping.BTCUSDT"


def summary(**changes: Any) -> Summary:
    whole = Summary(12, 7, 5, 84.5, 21.25, -0.5, 62.75, 7 / 12, 0.0062, 1.8, 5.23, 30.1)
    return replace(whole, **changes)


def trade_line(number: int, pnl: float) -> TradeLine:
    at = START + timedelta(hours=number)
    return TradeLine(
        id=f"{INSTANCE}#{number}",
        instance_id=INSTANCE,
        symbol="BTCUSDT",
        side="long",
        opened_at=at,
        closed_at=at + timedelta(minutes=31),
        entry_price=94_250.5,
        exit_price=94_510.0,
        pnl=pnl,
        fees=1.9,
        exit_reason="target" if pnl > 0 else "stop",
        regime="up_calm",
        version=1,
    )


def proposal(**changes: Any) -> Proposal:
    made = Proposal(
        id="p-1",
        instance_id=INSTANCE,
        base_version=1,
        changes=(Change("entry_threshold", 0.006, 0.005, "earlier entries paid"),),
        author="llm",
        reason="Entries came late.",
        seen=SeenWindow(START - timedelta(days=30), START),
        created_at=START,
        expires_at=START + timedelta(days=7),
        status=ProposalStatus.AWAITING_REVIEW,
    )
    return replace(made, **changes)


VERDICT = {
    "decision": "approve",
    "line": "On 220 days nobody tuned on it earned more.",
    "line_ko": "아무도 조정하지 않은 220일 동안 더 벌었습니다.",
    "checks": [
        {"name": "bounds", "ok": True, "line": "Inside all bounds.", "line_ko": "모든 범위 안입니다."},
        {"name": "recency", "ok": False, "line": "Worse in the last 30 days.", "line_ko": "최근 30일은 더 나쁩니다."},
        {"name": "referee", "ok": None, "line": "The referee did not run.", "line_ko": "심판이 실행되지 않았습니다."},
    ],
}


def story(**changes: Any) -> DailyStory:
    facts = DayFacts(
        day=date(2025, 5, 5),
        start=START,
        end=START + timedelta(days=1),
        total=summary(),
        groups={
            "strategy": {"momentum_scalping": summary()},
            "exit_reason": {"target": summary(trades=7, win_rate=1.0), "stop": summary(trades=5, net_pnl=-40.0)},
        },
        best=[trade_line(1, 31.5), trade_line(2, 12.0)],
        worst=[trade_line(3, -18.25)],
        equity=[(START + timedelta(hours=h), 5.0 * h - 40.0 * (h == 3)) for h in range(13)],
        phases=[MarketPhase("BTCUSDT", START, START + timedelta(hours=9), "up_calm", 0.012, 0.0007)],
        missed=MissedOpportunities(9, 3, 5, 1, -0.004, {"near": 7, "daily_loss": 2}),
        quality=DataQuality(bars=1440),
        judgeable=True,
        quality_reasons=(),
        facts=[
            Fact("F1", "Trades closed: 12", 12, "count", [f"{INSTANCE}#{n}" for n in range(12)]),
            Fact("F2", "Win rate: 58.3 %", 58.3, "%"),
        ],
        simulated=True,
    )
    review = Review(
        kind="daily",
        day=date(2025, 5, 5),
        at=START + timedelta(days=1, minutes=5),
        origin="rules",
        content={
            "summary": [{"text": "12 trades closed, win rate 58.3 %.", "facts": ["F1", "F2"]}],
            "success_factors": [{"text": "Targets were reached.", "facts": ["F1"]}],
            "strategy_evaluation": {INSTANCE: [{"text": "It earned +62.75.", "facts": []}]},
        },
        facts={},
        reconciled=True,
    )
    whole = DailyStory(
        kind="daily",
        language="en",
        zone="Asia/Seoul",
        facts=facts,
        review=review,
        proposals=[JudgedProposal(proposal(), VERDICT)],
        warnings=[Incident("feed", "warning", "BTCUSDT: no bar since 03:00.", "05-05 03:05", "05-05 03:15")],
        tomorrow=Tomorrow(waiting=[proposal()], probation=["p-0 is being measured."], watch=["BTCUSDT is volatile."]),
        feedback_used=[Feedback("f1", START, "Spreads looked wide tonight.", "kim")],
    )
    return replace(whole, **changes)
