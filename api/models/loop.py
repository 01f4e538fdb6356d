"""Insights, people's feedback, reviews, patterns, incidents and reports."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from api.models.base import Body, Moment, Name, Out, PageQuery, Path, text_of

LONGEST_FEEDBACK = 2000


class InsightsOut(Out):
    """What the loop knows now, from the latest review. The prediction is no promise: it says how it was made."""

    latest_analysis: Any
    suggested_adjustments: Any
    pattern_alerts: Any
    risk_warnings: Any
    performance_prediction: Any


class FeedbackBody(Body):
    """A note for the next review. It may veto or tighten; it never loosens a limit."""

    text: Annotated[text_of(LONGEST_FEEDBACK), Field(min_length=1)]  # type: ignore[valid-type]
    instance_id: Name | None = None
    trade_id: Name | None = None
    expires_at: Moment | None = None


class FeedbackStored(Out):
    id: str


class FeedbackOut(Out):
    """`used_in` names the reviews that read this note."""

    id: str
    text: str
    author: str
    instance_id: str | None
    trade_id: str | None
    at: Moment
    expires_at: Moment | None
    withdrawn_at: Moment | None
    used_in: Any


class FeedbackPage(Out):
    items: list[FeedbackOut]
    next: str | None


ReviewKind = Literal["daily", "weekly", "loss"]


class ReviewQuery(PageQuery):
    kind: ReviewKind | None = None
    day: date | None = None


class ReviewOut(Out):
    """`origin` says who wrote it: a model, the rules, or nobody (unparsed). `reconciled`: its numbers match ours."""

    id: int
    kind: ReviewKind
    day: date
    origin: str
    content: Any
    facts: Any
    reconciled: bool | None
    discrepancies: Any
    feedback_ids: Any
    note: str
    at: Moment


class ReviewPage(Out):
    items: list[ReviewOut]
    next: str | None


class PatternQuery(PageQuery):
    holds: bool | None = None


class PatternOut(Out):
    id: int
    run: str
    rule: str
    document: Any
    holds: bool
    at: Moment


class PatternPage(Out):
    items: list[PatternOut]
    next: str | None


class SafetyQuery(PageQuery):
    open: bool | None = None


class SafetyEventOut(Out):
    """An incident from its first sign to its end; `ended_at` is null while it lasts."""

    id: int
    incident: str
    severity: str
    instance_id: str | None
    text: str
    detail: Any
    started_at: Moment
    ended_at: Moment | None


class SafetyPage(Out):
    items: list[SafetyEventOut]
    next: str | None


class ReportPath(Path):
    kind: Literal["daily", "weekly"]
    date: date
