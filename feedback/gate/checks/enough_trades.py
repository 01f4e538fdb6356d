"""Enough trades on the unseen days, on both sides."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "enough_trades"
FEWEST_TRADES = 100


def check(subject: Subject) -> Check:
    activity, limit = subject.activity, float(FEWEST_TRADES)
    if activity is None:
        return unknown(NAME)
    fewest = min(activity.incumbent_trades, activity.candidate_trades)
    counts = {"incumbent": activity.incumbent_trades, "candidate": activity.candidate_trades}
    return (
        passed(NAME, float(fewest), limit, **counts)
        if fewest >= limit
        else failed(NAME, float(fewest), limit, **counts)
    )
