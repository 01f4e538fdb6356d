"""The score card of a gate on cases of known worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.truth.classes import CLASSES, NULL_CLASSES


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with its truth and the gate's verdict document."""

    kind: str
    better: bool
    verdict: Mapping[str, Any]

    @property
    def approved(self) -> bool:
        return bool(self.verdict["decision"] == "approve")


def shares(judged: Sequence[Judged], decision: str) -> dict[str, float]:
    """The share of each class that got `decision`."""
    return {
        kind: float(np.mean([one.verdict["decision"] == decision for one in judged if one.kind == kind]))
        for kind in CLASSES
        if any(one.kind == kind for one in judged)
    }


def precision(judged: Sequence[Judged]) -> float:
    """The share of approvals that are truly better (stale edges apart: no gate of returns knows the future)."""
    approved = [one.better for one in judged if one.approved and one.kind != "stale"]
    return float(np.mean(approved)) if approved else float("nan")


def brier(judged: Sequence[Judged]) -> float:
    """Mean squared error of prob_better, stale edges apart; no probability counts as one half."""
    errors = [
        ((0.5 if one.verdict["prob_better"] is None else one.verdict["prob_better"]) - one.better) ** 2
        for one in judged
        if one.kind != "stale"
    ]
    return float(np.mean(errors))


def reliability(judged: Sequence[Judged], bins: int = 10) -> list[tuple[float, float, int]]:
    """(mean stated probability, share truly better, cases) of each tenth of the probability scale that has any."""
    known = [
        (float(one.verdict["prob_better"]), one.better)
        for one in judged
        if one.verdict["prob_better"] is not None and one.kind != "stale"
    ]
    stated, true = np.array(known).T
    place = np.minimum((stated * bins).astype(int), bins - 1)
    return [
        (float(stated[place == b].mean()), float(true[place == b].mean()), int((place == b).sum()))
        for b in range(bins)
        if (place == b).any()
    ]


def card(judged: Sequence[Judged]) -> str:
    """The score card as a table in plain text."""
    approve, canary, insufficient = (shares(judged, d) for d in ("approve", "canary", "insufficient_data"))
    count = {kind: sum(one.kind == kind for one in judged) for kind in approve}
    lines = [f"{'class':<14}{'cases':>6}{'approve':>9}{'canary':>8}{'no data':>9}   standard error of approve"]
    for kind in approve:
        error = np.sqrt(approve[kind] * (1 - approve[kind]) / count[kind])
        null = " (null)" if kind in NULL_CLASSES else ""
        lines.append(
            f"{kind:<14}{count[kind]:>6}{approve[kind]:>9.1%}{canary[kind]:>8.1%}{insufficient[kind]:>9.1%}"
            f"   {error:.1%}{null}"
        )
    lines.append(f"precision of approvals {precision(judged):.1%}   Brier score {brier(judged):.4f}")
    return "\n".join(lines)
