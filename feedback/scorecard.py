"""The adviser's scorecard: what became of every change, and of those that were never made."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import fmean

from core.learning import ProposalStatus
from feedback.probation.confidence import Interval, Word, interval, word
from feedback.probation.rule import KEPT_DAYS
from storage.queries.scorecard import model_cost_by_month
from storage.queries.tracked import Pair, paired_differences, tracked
from storage.repositories.equity import BASELINE, JOURNAL, REPLAY
from storage.stores import Transaction

#: How far back the scorecard looks.
MEMORY = timedelta(days=730)
WEEK_DAYS = 7
#: Standard normal quantile of a 95 % interval.
NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Gain:
    """What one side earned beyond another on the days that both lived through, as a fraction of capital per day after
    fees. `within` is the 90 % interval; `word` is said in public, and None while nothing is proven."""

    days: int
    per_day: float | None
    within: Interval | None
    word: Word | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a proposal brought, or would have brought, against the values of its base."""

    proposal_id: str
    instance_id: str
    author: str
    status: ProposalStatus
    was_applied: bool
    confidence: float | None
    gain: Gain

    @property
    def is_judged(self) -> bool:
        """Whether it has enough paired days to count."""
        return self.gain.days >= KEPT_DAYS

    @property
    def is_better(self) -> bool:
        return (self.gain.per_day or 0.0) > 0


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the changes with KEPT_DAYS paired days were better; `within` is Wilson's 95 % interval."""

    changes: int
    judged: int
    better: int
    share: float | None
    within: Interval | None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything as of one moment. `never_applied` is by status: what declined, refused and expired proposals would
    have done. `uplift` is the values in force against those of the first version, `bias` the journal against its own
    replay, both by instance. `brier` is the mean squared error of stated confidence; `model_cost` US dollars by month.
    """

    effects: Sequence[Effect]
    applied: Share
    by_author: Mapping[str, Share]
    never_applied: Mapping[str, Share]
    uplift: Mapping[str, Gain]
    bias: Mapping[str, Gain]
    brier: float | None
    model_cost: Mapping[str, float]

    @property
    def uplift_per_week(self) -> float | None:
        """The mean uplift of the instances with a paired week, as a fraction of capital per week."""
        known = [gain.per_day for gain in self.uplift.values() if gain.per_day is not None and gain.days >= WEEK_DAYS]
        return WEEK_DAYS * fmean(known) if known else None


def scorecard(tx: Transaction, now: datetime) -> Scorecard:
    """The scorecard as of `now`, from stored days only."""
    found = effects(tx, now)
    applied = [effect for effect in found if effect.was_applied]
    budgets = _budgets(tx)
    return Scorecard(
        effects=found,
        applied=share_of(applied),
        by_author=_shares(applied, "author"),
        never_applied=_shares([effect for effect in found if not effect.was_applied], "status"),
        uplift=_beyond(tx, budgets, REPLAY, BASELINE),
        bias=_beyond(tx, budgets, JOURNAL, REPLAY),
        brier=brier(found),
        model_cost=model_cost_by_month(tx.connection, now - MEMORY),
    )


def effects(tx: Transaction, now: datetime) -> list[Effect]:
    """The effect of every proposal that came into force or was closed without that, oldest first.

    Each is its values against those of its base on the same days, so that changes of one instance that follow each
    other are told apart.
    """
    known = tracked(tx.connection, now - MEMORY, now)
    gains = _gains(tx, _budgets(tx), [Pair(one.instance_id, one.twin, one.before) for one in known])
    return [
        Effect(one.proposal_id, one.instance_id, one.author, one.status, one.was_applied, one.confidence, gain)
        for one, gain in zip(known, gains, strict=True)
    ]


def share_of(changes: Sequence[Effect]) -> Share:
    """The share of the judged among `changes` that were better."""
    judged = [effect for effect in changes if effect.is_judged]
    better = sum(effect.is_better for effect in judged)
    share = better / len(judged) if judged else None
    return Share(len(changes), len(judged), better, share, wilson(better, len(judged)))


def wilson(hits: int, count: int) -> Interval | None:
    """Wilson's 95 % interval of a share (1927); None without any case."""
    if count == 0:
        return None
    share, squared = hits / count, NORMAL_95**2
    centre = (share + squared / (2 * count)) / (1 + squared / count)
    width = NORMAL_95 * sqrt(share * (1 - share) / count + squared / (4 * count**2)) / (1 + squared / count)
    return Interval(max(centre - width, 0.0), min(centre + width, 1.0))


def gain_of(series: Sequence[float]) -> Gain:
    """Paired differences per day, oldest first, in figures and, where it is proven, a word."""
    return Gain(len(series), fmean(series) if series else None, interval(series), word(series))


def brier(found: Iterable[Effect]) -> float | None:
    """Mean squared error of the stated confidence of judged proposals; None while there is none."""
    errors = [(e.confidence - e.is_better) ** 2 for e in found if e.is_judged and e.confidence is not None]
    return fmean(errors) if errors else None


def _beyond(tx: Transaction, budgets: Mapping[str, float], after: str, before: str) -> dict[str, Gain]:
    """One twin against another for every instance."""
    gains = _gains(tx, budgets, [Pair(name, after, before) for name in budgets])
    return dict(zip(budgets, gains, strict=True))


def _gains(tx: Transaction, budgets: Mapping[str, float], pairs: Sequence[Pair]) -> list[Gain]:
    series = paired_differences(tx.connection, pairs)
    return [
        gain_of([value / budgets[pair.instance_id] for value in days]) for pair, days in zip(pairs, series, strict=True)
    ]


def _budgets(tx: Transaction) -> dict[str, float]:
    return {instance.id: float(instance.budget) for instance in tx.instances.list()}


def _shares(changes: Iterable[Effect], attribute: str) -> dict[str, Share]:
    groups: dict[str, list[Effect]] = defaultdict(list)
    for effect in changes:
        groups[str(getattr(effect, attribute))].append(effect)
    return {name: share_of(group) for name, group in sorted(groups.items())}
