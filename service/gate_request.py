"""One candidate on candles, as `tradeloop gate --strategy` asks for it, with or without a home's memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from core.clock import from_ms
from core.errors import InvalidInput
from core.learning import VERDICT_STATUS, Author, Change, Proposal, SeenWindow, Verdict
from execution.marketdata import MarketData
from feedback.gate.admission import AdmissionHistory
from feedback.gate.gate import Gate
from feedback.gate.judge import LEAST_SEEN, judge_proposal
from feedback.gate.second_opinion import referee_for
from feedback.judging import past_verdicts
from service.accounts import account_of
from service.candles import load_series, refuse_unknown_values, values_for
from service.commands.backtest import strategy_named
from service.session import open_home, prepare
from service.settings import Settings
from storage.queries.admission import given_verdicts
from storage.stores import Transaction
from strategies.contract import Strategy

LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class GateRequest:
    """What the command line asks. `incumbent` and `candidate` are documents of values as their files hold them."""

    strategy: str
    candles: tuple[Path, ...]
    symbols: tuple[str, ...]
    venues: tuple[str, ...]
    incumbent: Mapping[str, Any]
    candidate: Mapping[str, Any]
    trials: int
    source: str
    seen_from: datetime | None
    seen_to: datetime | None
    budget: float
    home: Path | None


def judge_request(request: GateRequest) -> dict[str, Any]:
    """The verdict document. With a home its memory counts, and the proposal with its verdict is kept there."""
    settings, _ = prepare(request.home, level="WARNING")
    strategy = strategy_named(request.strategy, settings.config.strategies)
    refuse_unknown_values(request.incumbent, [strategy])
    refuse_unknown_values(request.candidate, [strategy])
    series = load_series(request.candles, request.symbols, request.venues, settings, None)
    markets = [MarketData(one.instrument, one.bars, one.funding) for one in series]
    if request.home is None:
        proposal = _proposal(request, strategy, markets, 1)
        return _document(proposal, markets, _judge(request, settings, strategy, proposal, markets, None))
    with open_home(request.home) as session:
        with session.stores.begin() as tx:
            instance_id = _instance_id(strategy, markets)
            history = _history(tx, instance_id, _end(markets))
        proposal = _proposal(request, strategy, markets, history.current_version)
        verdict = _judge(request, settings, strategy, proposal, markets, history)
        with session.stores.begin() as tx:
            _keep(tx, proposal, verdict)
    return _document(proposal, markets, verdict)


def _judge(
    request: GateRequest,
    settings: Settings,
    strategy: Strategy,
    proposal: Proposal,
    markets: list[MarketData],
    history: AdmissionHistory | None,
) -> Verdict:
    account = account_of(Decimal(str(request.budget)), settings.config.risk).without_halt()
    now = _end(markets)
    offset = now.astimezone(settings.zone).utcoffset() or timedelta()
    return judge_proposal(
        proposal,
        strategy,
        values_for(strategy, request.incumbent),
        markets,
        account,
        history,
        now,
        gate=Gate(),
        day_offset_ms=offset // timedelta(milliseconds=1),
        referee=referee_for(strategy, markets[0], account, now),
    )


def _proposal(request: GateRequest, strategy: Strategy, markets: list[MarketData], base_version: int) -> Proposal:
    """The candidate as a proposal made at the end of the candles; what its file does not name stays as it is."""
    now = _end(markets)
    before = values_for(strategy, request.incumbent)
    after = {**before, **_numbers(strategy, request.candidate)}
    seen_to = request.seen_to or now
    return Proposal(
        id=f"g-{uuid4().hex[:12]}",
        instance_id=_instance_id(strategy, markets),
        base_version=base_version,
        changes=tuple(Change(name, before[name], value) for name, value in after.items() if value != before[name]),
        author=cast(Author, request.source),
        reason="Judged from the command line.",
        seen=SeenWindow(request.seen_from or seen_to - LEAST_SEEN, seen_to),
        created_at=now,
        expires_at=now + LIFETIME,
        n_trials=request.trials,
    )


def _numbers(strategy: Strategy, document: Mapping[str, Any]) -> dict[str, float]:
    """The values that a file names, bounds unchecked: those are for the gate to refuse."""
    own = document.get(strategy.name)
    named = own if isinstance(own, dict) else {name: v for name, v in document.items() if name in strategy.declaration}
    for name, value in named.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidInput(f"{name} must be a number, not {value!r}.", field=name)
    return {name: float(value) for name, value in named.items()}


def _instance_id(strategy: Strategy, markets: list[MarketData]) -> str:
    return f"{strategy.name}.{markets[0].instrument.symbol}"


def _end(markets: list[MarketData]) -> datetime:
    """The close of the last candle: the moment at which the proposal is made."""
    return max(from_ms(int(one.bars.time[-1]) + one.bars.bar_ms) for one in markets)


def _history(tx: Transaction, instance_id: str, now: datetime) -> AdmissionHistory:
    """The memory of the home: verdicts on this strategy and symbol, and the life of its instance if there is one."""
    verdicts = past_verdicts(given_verdicts(tx.connection, instance_id, now))
    if not any(instance.id == instance_id for instance in tx.instances.list()):
        return AdmissionHistory(current_version=1, verdicts=verdicts)
    latest = tx.parameters.history(instance_id)[0]
    return AdmissionHistory(
        current_version=latest.set.version,
        in_flight=[proposal.id for proposal in tx.proposals.in_flight(instance_id)],
        last_applied_at=latest.created_at if latest.set.version > 1 else None,
        verdicts=verdicts,
    )


def _keep(tx: Transaction, proposal: Proposal, verdict: Verdict) -> None:
    """The unseen days are a budget: what was judged on them is remembered."""
    tx.proposals.add(proposal)
    values = {change.parameter: change.after for change in proposal.changes}
    trials = [(values, None)] * proposal.n_trials
    tx.trials.add_many(proposal.instance_id, proposal.author, proposal.id, trials, proposal.seen, proposal.created_at)
    tx.proposals.add_verdict(proposal.id, verdict, proposal.created_at)
    tx.proposals.move(proposal.id, VERDICT_STATUS[verdict.decision], proposal.created_at)


def _document(proposal: Proposal, markets: list[MarketData], verdict: Verdict) -> dict[str, Any]:
    return {
        "proposal": proposal.id,
        "instance": proposal.instance_id,
        "symbols": [market.instrument.key for market in markets],
        "changes": [change.as_document() for change in proposal.changes],
        "seen": {"start": proposal.seen.start, "end": proposal.seen.end},
        **verdict.as_document(),
    }
