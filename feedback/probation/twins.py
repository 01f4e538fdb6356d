"""Twins: every night the bars of the day are lived through again with other values, each from flat at midnight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import structlog

from core.clock import DAY_MS, day_bounds, to_ms
from core.errors import InvalidInput, NotFound
from core.market import Floats
from core.trading import StrategyInstance
from execution.marketdata import MarketData
from execution.sweep import sweep
from feedback.loop import Loop
from feedback.probation.rule import LONGEST_DAYS
from storage.queries.tracked import Tracked, tracked
from storage.repositories.equity import BASELINE, FLAT, REPLAY, EquityDay, before_twin
from storage.stores import Transaction
from strategies import registry

log = structlog.get_logger(__name__)

#: Bars before midnight that warm the features (the longest looks back 240 minutes).
WARM_UP = timedelta(days=2)
#: A day is lived through when it has at least this share of its bars.
LEAST_DAY = 0.5

Values = Mapping[str, float]


@dataclass(frozen=True)
class DayLived:
    """What a day brought to each twin: [twins] arrays of the instance's own symbol in quote currency, trades as counts.

    `returns` are fractions of capital, [twins, symbols], the own symbol first.
    """

    names: Sequence[str]
    pnl: Floats
    fees: Floats
    funding: Floats
    trades: Floats
    drawdown: Floats
    returns: Floats


def live_through(loop: Loop, day: date) -> int:
    """Replay the local `day` for every instance and store the twins' results; storing again replaces. Returns how many
    twins have lived."""
    with loop.stores.begin() as tx:
        instances = [instance for instance in tx.instances.list() if instance.id in loop.accounts]
        start, end = day_bounds(day, loop.zone)
        proposals = tracked(tx.connection, start - timedelta(days=LONGEST_DAYS), start)
    return sum(
        _live(loop, instance, [p for p in proposals if p.instance_id == instance.id], day, (start, end))
        for instance in instances
    )


def _live(
    loop: Loop, instance: StrategyInstance, proposals: Sequence[Tracked], day: date, span: tuple[datetime, datetime]
) -> int:
    markets = _markets(loop, instance, span)
    if not markets:
        return 0
    with loop.stores.begin() as tx:
        twins = _twins(tx, instance, proposals, span[0])
    lived = _lived(loop, instance, twins, markets, to_ms(span[0]))
    with loop.stores.begin() as tx:
        closings = tx.equity.closings(instance.id, day)
        tx.equity.upsert(_rows(instance, lived, day, closings))
        _keep_probations(tx, proposals, lived, day)
    return len(twins) + 1


def _markets(loop: Loop, instance: StrategyInstance, span: tuple[datetime, datetime]) -> list[MarketData]:
    """The day's bars of the own symbol and of those to pool with, warm-up included; none where the own day is short."""
    start, end = to_ms(span[0]), to_ms(span[1])
    warm = start - WARM_UP // timedelta(milliseconds=1)
    try:
        stored = loop.markets(instance)
    except NotFound:
        return []
    cut = [MarketData(m.instrument, m.bars.between(warm, end), m.funding) for m in stored]
    enough = [len(m.bars.between(start, end)) * m.bars.bar_ms >= LEAST_DAY * DAY_MS for m in cut]
    return [m for m, full in zip(cut, enough, strict=True) if full] if enough[0] else []


def _twins(
    tx: Transaction, instance: StrategyInstance, proposals: Sequence[Tracked], start: datetime
) -> dict[str, Values]:
    """The values of each twin by its name."""
    history = tx.parameters.history(instance.id)
    versions = {record.set.version: record.set.values for record in history}
    in_force = next((record for record in history if record.created_at <= start), history[-1])
    twins: dict[str, Values] = {REPLAY: in_force.set.values, BASELINE: versions[1]}
    declaration = registry.get(instance.strategy).declaration
    for proposal in proposals:
        base = versions[proposal.base_version]
        try:
            values = declaration.complete({**base, **proposal.changes})
        except InvalidInput:
            continue  # refused for values that no strategy may have
        twins |= {proposal.twin: values, before_twin(proposal.base_version): base}
    return twins


def _lived(
    loop: Loop, instance: StrategyInstance, twins: Mapping[str, Values], markets: Sequence[MarketData], start_ms: int
) -> DayLived:
    """Run each distinct set of values once per market."""
    keys = [tuple(sorted(values.items())) for values in twins.values()]
    distinct = list(dict.fromkeys(keys))
    place = [distinct.index(key) for key in keys]
    strategy, account = registry.get(instance.strategy), loop.accounts[instance.id]
    results = [
        sweep(strategy, market, [dict(key) for key in distinct], account, trade_from_ms=start_ms, workers=loop.workers)
        for market in markets
    ]
    own = results[0]
    return DayLived(
        names=list(twins),
        pnl=own.daily_pnl.sum(axis=1)[place],
        fees=own.fees[place],
        funding=own.funding[place],
        trades=own.daily_trades.sum(axis=1)[place],
        drawdown=own.max_drawdown[place],
        returns=np.stack([r.daily_pnl.sum(axis=1)[place] for r in results], axis=1) / account.capital,
    )


def _rows(instance: StrategyInstance, lived: DayLived, day: date, closings: Mapping[str, Decimal]) -> list[EquityDay]:
    flat = EquityDay(instance.id, day, Decimal(0), Decimal(0), Decimal(0), 0, instance.budget, 0.0, FLAT)
    columns = (lived.names, lived.pnl, lived.fees, lived.funding, lived.trades, lived.drawdown)
    return [flat] + [
        EquityDay(
            instance_id=instance.id,
            day=day,
            net_pnl=_money(pnl),
            fees=_money(fees),
            funding=_money(funding),
            trades=int(trades),
            closing_equity=closings.get(name, instance.budget) + _money(pnl),
            max_drawdown=float(drawdown),
            twin=name,
        )
        for name, pnl, fees, funding, trades, drawdown in zip(*columns, strict=True)
    ]


def _keep_probations(tx: Transaction, proposals: Sequence[Tracked], lived: DayLived, day: date) -> None:
    """The day of every change whose probation runs."""
    returns = dict(zip(lived.names, lived.returns.tolist(), strict=True))
    running = {probation.proposal_id for probation in tx.probations.running()}
    for proposal in proposals:
        if proposal.proposal_id in running and proposal.twin in returns:
            tx.probations.add_day(proposal.proposal_id, day, returns[proposal.twin], returns[proposal.before])


def _money(value: float) -> Decimal:
    return Decimal(str(round(float(value), 8)))
