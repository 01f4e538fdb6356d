"""Missed opportunities, counted honestly: what a signal that came to nothing would have brought, gain or loss.

Each refused or near-threshold entry is played out on the bars that followed, by the engine's own conventions: in at the
next open with slippage and the taker fee, the stop before the target inside a bar, a gap filled at the open, the target
only when the price trades through it, and out at the market after four hours. Signals of one instance and side while
an earlier one would still have been in the market are the same opportunity and are not counted again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from core.clock import MINUTE_MS, to_ms
from core.facts import MissedOpportunities
from core.market import Bars, Instrument
from storage.queries.day import IdleSignal

HORIZON_BARS = 240


@dataclass(frozen=True, slots=True)
class Costs:
    """Fractions of the price."""

    maker: float
    taker: float
    slippage: float

    @classmethod
    def of(cls, instrument: Instrument) -> "Costs":
        return cls(float(instrument.maker_fee), float(instrument.taker_fee), float(instrument.slippage))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a signal played out: `net` is a fraction of the entry price after costs, None while undecided."""

    net: float | None
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an instance's signals are played out: the bars of its symbol and what trading there costs."""

    bars: Bars
    costs: Costs


def missed_opportunities(signals: Iterable[IdleSignal], scenes: Mapping[str, Scene]) -> MissedOpportunities:
    """Play out every signal, oldest first, on the scene of its instance. Instances without a scene are left out."""
    busy_until: dict[tuple[str, int], int] = {}
    outcomes: list[Outcome] = []
    reasons: Counter[str] = Counter()
    for signal in signals:
        scene = scenes.get(signal.instance_id)
        key = (signal.instance_id, signal.side)
        if scene is None or to_ms(signal.at) < busy_until.get(key, 0):
            continue
        outcome = play_out(signal, scene)
        busy_until[key] = outcome.ends_ms
        outcomes.append(outcome)
        reasons[signal.reason] += 1
    decided = [outcome.net for outcome in outcomes if outcome.net is not None]
    paid = sum(net > 0 for net in decided)
    return MissedOpportunities(
        signals=len(outcomes),
        would_have_paid=paid,
        would_have_lost=len(decided) - paid,
        undecided=len(outcomes) - len(decided),
        net_fraction=sum(decided),
        by_reason=dict(sorted(reasons.items())),
    )


def play_out(signal: IdleSignal, scene: Scene) -> Outcome:
    """Undecided when the signal has no stop and target, the next bar is missing, or the bars end before the outcome."""
    at_ms = to_ms(signal.at)
    ends_ms = at_ms + HORIZON_BARS * MINUTE_MS
    bars = scene.bars.between(at_ms, ends_ms)
    if signal.stop is None or signal.target is None or not len(bars) or bars.time[0] != at_ms:
        return Outcome(None, ends_ms)
    long = signal.side > 0
    stopped = _first(bars.low <= signal.stop if long else bars.high >= signal.stop)
    reached = _first(bars.high > signal.target if long else bars.low < signal.target)
    last = min(stopped, reached, len(bars) - 1)
    if stopped == reached == len(bars):
        if bars.time[-1] != ends_ms - MINUTE_MS:
            return Outcome(None, ends_ms)
        leaving, taker = float(bars.close[-1]), True
    elif stopped <= reached:
        leaving, taker = _worse(signal.side, float(bars.open[stopped]), signal.stop), True
    else:
        leaving, taker = _better(signal.side, float(bars.open[reached]), signal.target), False
    return Outcome(
        _net(signal.side, float(bars.open[0]), leaving, taker, scene.costs), int(bars.time[last]) + MINUTE_MS
    )


def _net(side: int, entry: float, leaving: float, taker: bool, costs: Costs) -> float:
    """The result of a round trip as a fraction of its entry price, after slippage and fees."""
    paid = entry * (1 + side * costs.slippage)
    got = leaving * (1 - side * costs.slippage) if taker else leaving
    return side * (got - paid) / paid - costs.taker - (costs.taker if taker else costs.maker) * got / paid


def _worse(side: int, one: float, other: float) -> float:
    return min(one, other) if side > 0 else max(one, other)


def _better(side: int, one: float, other: float) -> float:
    return max(one, other) if side > 0 else min(one, other)


def _first(hits: np.typing.NDArray[np.bool_]) -> int:
    """The position of the first True, or the length."""
    return int(hits.argmax()) if hits.any() else len(hits)
