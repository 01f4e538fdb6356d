"""The loop's own words: proposals and their life, checks, verdicts, reviews and people's feedback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from core.errors import IllegalMove
from core.parameters import digest_of

Author = Literal["llm", "miner", "person"]


class ProposalStatus(StrEnum):
    """Where a proposal stands; see MOVES for what may follow what."""

    DRAFT = "draft"
    REFUSED = "refused"
    UNDECIDED = "undecided"
    AWAITING_REVIEW = "awaiting_review"
    APPROVED = "approved"
    CANARY = "canary"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    APPLIED = "applied"
    PROBATION = "probation"
    KEPT = "kept"
    ROLLED_BACK = "rolled_back"
    INCONCLUSIVE = "inconclusive"


_S = ProposalStatus
_CLOSED_BY_OTHERS = {_S.DECLINED, _S.EXPIRED, _S.SUPERSEDED}
#: Legal moves. REFUSED -> APPROVED is a person's override with a typed reason; UNDECIDED -> CANARY a person's trial.
MOVES: Mapping[ProposalStatus, frozenset[ProposalStatus]] = {
    _S.DRAFT: frozenset({_S.REFUSED, _S.UNDECIDED, _S.AWAITING_REVIEW, _S.EXPIRED, _S.SUPERSEDED}),
    _S.REFUSED: frozenset({_S.APPROVED, _S.EXPIRED}),
    _S.UNDECIDED: frozenset({_S.CANARY, *_CLOSED_BY_OTHERS}),
    _S.AWAITING_REVIEW: frozenset({_S.APPROVED, _S.CANARY, *_CLOSED_BY_OTHERS}),
    _S.APPROVED: frozenset({_S.APPLIED, _S.EXPIRED, _S.SUPERSEDED, _S.ROLLED_BACK}),
    _S.CANARY: frozenset({_S.APPROVED, _S.ROLLED_BACK, _S.INCONCLUSIVE, *_CLOSED_BY_OTHERS}),
    _S.APPLIED: frozenset({_S.PROBATION, _S.ROLLED_BACK, _S.SUPERSEDED}),
    _S.PROBATION: frozenset({_S.KEPT, _S.ROLLED_BACK, _S.INCONCLUSIVE, _S.SUPERSEDED}),
    _S.KEPT: frozenset({_S.ROLLED_BACK}),
    _S.DECLINED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.SUPERSEDED: frozenset(),
    _S.ROLLED_BACK: frozenset(),
    _S.INCONCLUSIVE: frozenset({_S.ROLLED_BACK}),
}


def require_move(current: ProposalStatus, target: ProposalStatus) -> None:
    """Raise IllegalMove unless `current` may become `target`."""
    if target not in MOVES[current]:
        raise IllegalMove(
            f"A proposal that is {current} cannot become {target}.", field="status", remedy="Reload the proposal."
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a diff. `before` and `after` are shown as `from` and `to`."""

    parameter: str
    before: float
    after: float
    reason: str = ""

    def as_document(self) -> dict[str, Any]:
        return {"parameter": self.parameter, "from": self.before, "to": self.after, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class SeenWindow:
    """The half-open UTC span of data that a proposal's author has looked at: the gate must not judge on it."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Proposal:
    """A digest-bound diff of one instance's parameters with the evidence its author gave.

    `n_trials` counts every set that was tried to find this one (1 for a single idea).
    """

    id: str
    instance_id: str
    base_version: int
    changes: tuple[Change, ...]
    author: Author
    reason: str
    seen: SeenWindow
    created_at: datetime
    expires_at: datetime
    n_trials: int = 1
    confidence: float | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    status: ProposalStatus = ProposalStatus.DRAFT
    note: str = ""

    @cached_property
    def digest(self) -> str:
        """What an approval is bound to: the instance, its base version, the exact diff and the evidence."""
        return digest_of(
            {
                "instance": self.instance_id,
                "base_version": self.base_version,
                "changes": [[c.parameter, float(c.before), float(c.after)] for c in self.changes],
                "evidence": self.evidence,
            }
        )

    def values_on(self, base: Mapping[str, float]) -> dict[str, float]:
        """The complete values that this proposal makes of `base`."""
        return {**base, **{c.parameter: c.after for c in self.changes}}


Decided = Literal["approve", "canary", "reject", "insufficient_data"]
VERDICT_STATUS: Mapping[Decided, ProposalStatus] = {
    "approve": _S.AWAITING_REVIEW,
    "canary": _S.UNDECIDED,
    "insufficient_data": _S.UNDECIDED,
    "reject": _S.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the gate. `ok` None means that it could not be run here and never decides."""

    name: str
    ok: bool | None
    value: float | str | None
    limit: float | str | None
    line: str
    line_ko: str = ""

    def as_document(self) -> dict[str, Any]:
        keys = ("name", "ok", "value", "limit", "line", "line_ko")
        return {key: getattr(self, key) for key in keys}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found. Effects are fractions of capital per day, candidate minus incumbent, after fees."""

    decision: Decided
    checks: tuple[Check, ...]
    line: str
    line_ko: str = ""
    p_value: float | None = None
    effect_per_day: float | None = None
    ci: tuple[float, float] | None = None
    prob_better: float | None = None
    mde: float | None = None
    n_days: int = 0
    n_trades: int | None = None
    paired: Mapping[str, Any] = field(default_factory=dict)

    def as_document(self) -> dict[str, Any]:
        """The verdict as design.md section 8 prints it (paired curves are kept apart)."""
        return {
            "decision": self.decision,
            "p_value": self.p_value,
            "effect_per_day": self.effect_per_day,
            "ci": list(self.ci) if self.ci else None,
            "prob_better": self.prob_better,
            "mde": self.mde,
            "n_days": self.n_days,
            "n_trades": self.n_trades,
            "checks": [check.as_document() for check in self.checks],
            "line": self.line,
            "line_ko": self.line_ko,
        }


@dataclass(frozen=True, slots=True)
class Feedback:
    """A person's note. It may veto or tighten; it never loosens a limit."""

    id: str
    at: datetime
    text: str
    author: str
    instance_id: str | None = None
    trade_id: str | None = None
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A daily, weekly or loss review. `origin` says who wrote it; `reconciled` whether its numbers match our facts."""

    kind: Literal["daily", "weekly", "loss"]
    day: date
    at: datetime
    origin: Literal["llm", "rules", "unparsed"]
    content: Mapping[str, Any]
    facts: Mapping[str, Any]
    reconciled: bool | None
    discrepancies: Sequence[str] = ()
    feedback_ids: Sequence[str] = ()
    llm_call_ids: Sequence[int] = ()
    note: str = ""
