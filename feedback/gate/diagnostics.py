"""Figures that people ask for and that never decide: facts measured against known truth say why (docs/gate.md)."""

from typing import Any

from core.market import Floats
from feedback.gate.overfitting import probability_of_overfitting
from feedback.gate.returns import Pooled
from feedback.gate.sharpe import deflated_sharpe, probabilistic_sharpe
from feedback.gate.superior import superior_ability, superior_set


def diagnose(unseen: Pooled, trials: Floats, seed: int) -> dict[str, Any]:
    """PSR and DSR of the candidate; with trials [trials, days] also PBO, SPA and how many trials StepM finds better.

    `trials` are the pooled daily returns of every set that was tried, on the same unseen days.
    """
    figures: dict[str, Any] = {"psr": probabilistic_sharpe(unseen.candidate)}
    if len(trials) < 2:
        return figures
    gains = trials - unseen.incumbent
    return figures | {
        "dsr": deflated_sharpe(unseen.candidate, trials),
        "pbo": probability_of_overfitting(trials),
        "spa_p": superior_ability(gains, seed),
        "stepm_better": len(superior_set(gains, seed)),
    }
