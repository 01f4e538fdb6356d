"""What must be known of an instance before a proposal for it is even looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.learning import Decided, Proposal
from core.parameters import Declaration


@dataclass(frozen=True, slots=True)
class PastVerdict:
    """A verdict the gate gave on this instance: `after` holds the values that were proposed, changed ones only."""

    at: datetime
    decision: Decided
    after: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class AdmissionHistory:
    """The instance's past, as far as the rules of admission need it.

    `in_flight` are the ids of proposals that are approved, applied, on probation or on canary. `same_day` counts the
    earlier proposals of this author for this instance on the same day. `ledger_trials` is the number of sets that the
    ledger holds for this proposal's search (None: the ledger was not asked). `human_baseline` are the values a person
    last set or confirmed.
    """

    current_version: int
    in_flight: Sequence[str] = ()
    last_applied_at: datetime | None = None
    verdicts: Sequence[PastVerdict] = ()
    same_day: int = 0
    ledger_trials: int | None = None
    human_baseline: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Admission:
    """A proposal beside the declaration, the values it would replace, and the instance's past if it has one here."""

    proposal: Proposal
    declaration: Declaration
    incumbent: Mapping[str, float]
    history: AdmissionHistory | None
    now: datetime
