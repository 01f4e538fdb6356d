"""What was refused is not asked again for 30 days, nor the same thing with its last digit changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from core.learning import Check
from core.parameters import Declaration
from feedback.gate.admission import PastVerdict
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "retest"
RETEST_AFTER = timedelta(days=30)
#: Two changes are the same question when they differ by at most this share of the larger one.
NEARNESS = 0.25


def check(subject: Subject) -> Check:
    admission = subject.admission
    if admission is None or subject.history is None:
        return unknown(NAME)
    after = {change.parameter: change.after for change in admission.proposal.changes}
    limit = float(RETEST_AFTER.days)
    past = asked_before(subject.history.verdicts, after, admission.incumbent, admission.declaration, admission.now)
    if past is None:
        return passed(NAME, None, limit)
    return failed(NAME, (admission.now - past.at) / timedelta(days=1), limit, decision=past.decision)


def asked_before(
    verdicts: Sequence[PastVerdict],
    after: Mapping[str, float],
    incumbent: Mapping[str, float],
    declaration: Declaration,
    now: datetime,
) -> PastVerdict | None:
    """The latest verdict of the last 30 days on nearly the same values; `after` holds the changed ones."""
    for past in sorted(verdicts, key=lambda one: one.at, reverse=True):
        fresh = now - past.at < RETEST_AFTER and past.decision != "insufficient_data"
        if fresh and _same_question(past, after, incumbent, declaration):
            return past
    return None


def _same_question(
    past: PastVerdict, after: Mapping[str, float], incumbent: Mapping[str, float], declaration: Declaration
) -> bool:
    """Whether both proposals lead from today's values to nearly the same ones, moves in largest allowed changes."""
    names = [name for name in {*past.after, *after} if name in declaration and name in incumbent]
    allowed = {name: declaration[name].largest_change(incumbent[name]) for name in names}
    old, new = (
        {name: (values.get(name, incumbent[name]) - incumbent[name]) / allowed[name] for name in names}
        for values in (past.after, after)
    )
    size = max((abs(move) for move in (*old.values(), *new.values())), default=0.0)
    return all(_near(old[name], new[name], NEARNESS * size, declaration[name].step / allowed[name]) for name in names)


def _near(old: float, new: float, tolerance: float, step: float) -> bool:
    """One step in the same direction is a changed last digit; anything else must be small beside the whole move."""
    apart = abs(old - new)
    return apart <= tolerance + 1e-9 or (old * new > 0 and apart <= step + 1e-9)
