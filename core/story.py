"""The story of a day or week, complete: whoever renders it computes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from core.facts import DayFacts
from core.learning import Feedback, Proposal, Review


@dataclass(frozen=True, slots=True)
class JudgedProposal:
    """A proposal and what the gate said of it; `verdict` is Verdict.as_document(), None while it was not judged."""

    proposal: Proposal
    verdict: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident that was open during the day, from its first sign to its end (times in the local zone's ISO form)."""

    incident: str
    severity: str
    text: str
    started_at: str
    ended_at: str | None = None


@dataclass(frozen=True, slots=True)
class Tomorrow:
    """What the next day begins with. `probation` has one line per change that is being watched."""

    waiting: Sequence[Proposal] = ()
    probation: Sequence[str] = ()
    watch: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DailyStory:
    """Everything that a daily or weekly report shows, in the order in which people read it.

    `language` is `ko` or `en`, `zone` an IANA name. `proposals` are those made on this day; `waiting` in `tomorrow`
    also holds older ones. `deliveries` are the rows of earlier deliveries that failed.
    """

    kind: Literal["daily", "weekly"]
    language: str
    zone: str
    facts: DayFacts
    review: Review
    proposals: Sequence[JudgedProposal] = ()
    warnings: Sequence[Incident] = ()
    tomorrow: Tomorrow = field(default_factory=Tomorrow)
    feedback_used: Sequence[Feedback] = ()
    deliveries: Sequence[Mapping[str, Any]] = ()
