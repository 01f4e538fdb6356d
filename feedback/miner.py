"""The miner: a small search around the parameters in force, on the proposer's own window. Every trial is counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

import numpy as np

from core.clock import DAY_MS, to_ms
from core.learning import Change, Proposal, SeenWindow
from core.market import Floats
from core.parameters import Declaration, Parameter, digest_of
from execution.account import Account
from execution.marketdata import MarketData
from feedback.gate.admission import PastVerdict
from feedback.gate.checks.retest import asked_before
from feedback.gate.evidence import replay
from strategies.contract import Strategy

WINDOW = timedelta(days=30)
LIFETIME = timedelta(days=3)
WARM_UP_MS = 2 * DAY_MS
MOST_TRIALS = 60
#: A candidate keeps at least this share of the incumbent's trades: "no trades" is not an improvement.
LEAST_TRADES = 0.4
#: The t value on the window below which the miner has nothing to say.
LEAST_SCORE = 0.5

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Trial:
    """One set that was tried. `score` is the t value of its paired gain on the window; None: it does not qualify."""

    values: Mapping[str, float]
    score: float | None


@dataclass(frozen=True)
class Mined:
    """All trials of one search, for the ledger, and what came of it: at most one draft."""

    trials: tuple[Trial, ...]
    seen: SeenWindow
    drafts: tuple[Proposal, ...]


def mine(
    instance_id: str,
    strategy: Strategy,
    base_version: int,
    incumbent: Mapping[str, float],
    markets: Sequence[MarketData],
    account: Account,
    now: datetime,
    *,
    recent: Sequence[PastVerdict] = (),
    day_offset_ms: int = 0,
    workers: int = 1,
    on_progress: Progress | None = None,
) -> Mined:
    """Try neighbours of `incumbent` on the last 30 days and draft the best that is not merely trading less.

    `recent` are the instance's verdicts: nothing the gate would not look at again is drafted. The same instance, day
    and data give the same trials and draft. A window without bars gives no draft.
    """
    seen = SeenWindow(now - WINDOW, now)
    seed = int(digest_of([instance_id, (to_ms(now) + day_offset_ms) // DAY_MS])[:16], 16)
    sets = neighbours(strategy.declaration, incumbent, np.random.default_rng(seed))
    scores = _scores(strategy, markets, [incumbent, *sets], account, seen, day_offset_ms, workers, on_progress)
    trials = tuple(Trial(values, score) for values, score in zip(sets, scores, strict=True))
    fresh = [one for one in trials if _worth_asking(one, incumbent, strategy.declaration, recent, now)]
    best = max(fresh, key=lambda one: one.score or 0.0, default=None)
    drafts = (_draft(instance_id, base_version, incumbent, best, trials, seen, now),) if best else ()
    return Mined(trials, seen, drafts)


def neighbours(
    declaration: Declaration, incumbent: Mapping[str, float], rng: np.random.Generator
) -> list[dict[str, float]]:
    """Sets that one approval can reach: each parameter alone, then pairs drawn at random, at most MOST_TRIALS."""
    moves = {name: _moves(parameter, incumbent[name]) for name, parameter in declaration.items()}
    single = [{name: value} for name, values in moves.items() for value in values]
    pairs = [
        {one: first, other: second}
        for one, other in combinations(moves, 2)
        for first in moves[one]
        for second in moves[other]
    ]
    order = rng.permutation(len(pairs))
    chosen = [*single, *(pairs[i] for i in order)][: max(MOST_TRIALS, len(single))]
    return [{**incumbent, **change} for change in chosen]


def _moves(parameter: Parameter, now: float) -> list[float]:
    """Half and all of the largest allowed change in both directions, on the step, inside the bounds."""
    most = parameter.largest_change(now)
    values = {parameter.round(now + share * most) for share in (-1.0, -0.5, 0.5, 1.0)}
    return sorted(value for value in values if value != now and abs(value - now) <= most * (1 + 1e-9))


def _scores(
    strategy: Strategy,
    markets: Sequence[MarketData],
    sets: Sequence[Mapping[str, float]],
    account: Account,
    seen: SeenWindow,
    day_offset_ms: int,
    workers: int,
    on_progress: Progress | None,
) -> list[float | None]:
    """The score of each set but the first, which is the incumbent."""
    start, end = to_ms(seen.start), to_ms(seen.end)
    days: dict[int, list[Floats]] = {}
    trades = np.zeros(len(sets))
    for done, market in enumerate(markets, start=1):
        near = _part(market, start - WARM_UP_MS, end)
        if len(near.bars):
            run = replay(strategy, near, sets, account, day_offset_ms, trade_from_ms=start - DAY_MS, workers=workers)
            inside = (run.days >= start) & (run.days < end) & run.present
            trades += run.trades[:, inside].sum(axis=1)
            for day, column in zip(run.days[inside].tolist(), run.pnl[:, inside].T, strict=True):
                days.setdefault(day, []).append(column)
        if on_progress:
            on_progress(done, len(markets))
    pnl = np.array([np.mean(columns, axis=0) for _, columns in sorted(days.items())]).T
    return (
        [_score(pnl[0], one, trades[0], count) for one, count in zip(pnl[1:], trades[1:], strict=True)]
        if days
        else [None] * (len(sets) - 1)
    )


def _part(market: MarketData, start_ms: int, end_ms: int) -> MarketData:
    bars = market.bars.between(start_ms, end_ms)
    first = int(np.searchsorted(market.bars.time, start_ms))
    context = market.context and {name: column[first : first + len(bars)] for name, column in market.context.items()}
    return MarketData(market.instrument, bars, market.funding, context)


def _score(incumbent: Floats, candidate: Floats, trades_now: float, trades_then: float) -> float | None:
    """The t value of the mean daily gain; None where each trade is no better and there are only fewer of them."""
    gain = candidate - incumbent
    spread = float(gain.std(ddof=1)) if len(gain) > 1 else 0.0
    if spread == 0 or trades_then < LEAST_TRADES * trades_now:
        return None
    by_trading_less = incumbent.sum() * (trades_then / trades_now) if 0 < trades_then < trades_now else incumbent.sum()
    if candidate.sum() <= by_trading_less:
        return None
    return float(gain.mean() / spread * np.sqrt(len(gain)))


def _worth_asking(
    trial: Trial,
    incumbent: Mapping[str, float],
    declaration: Declaration,
    recent: Sequence[PastVerdict],
    now: datetime,
) -> bool:
    if trial.score is None or trial.score < LEAST_SCORE:
        return False
    after = {name: value for name, value in trial.values.items() if value != incumbent[name]}
    return asked_before(recent, after, incumbent, declaration, now) is None


def _draft(
    instance_id: str,
    base_version: int,
    incumbent: Mapping[str, float],
    best: Trial,
    trials: Sequence[Trial],
    seen: SeenWindow,
    now: datetime,
) -> Proposal:
    changes = tuple(
        Change(name, incumbent[name], value, f"best of {len(trials)} neighbours on the last {WINDOW.days} days")
        for name, value in best.values.items()
        if value != incumbent[name]
    )
    return Proposal(
        id=digest_of([instance_id, base_version, to_ms(now), dict(best.values)])[:16],
        instance_id=instance_id,
        base_version=base_version,
        changes=changes,
        author="miner",
        reason=f"The best of {len(trials)} sets near today's from {seen.start:%d %b} to {seen.end:%d %b}.",
        seen=seen,
        created_at=now,
        expires_at=now + LIFETIME,
        n_trials=len(trials),
        evidence={"score": best.score, "tried": len(trials)},
    )
