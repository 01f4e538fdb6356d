"""Strategy instances, their parameters and their history."""

from typing import Annotated, Any

from pydantic import Field

from api.models.base import Body, Fraction, Moment, Money, Name, Note, Out, Path
from core.trading import Mode, Policy

Version = Annotated[int, Field(ge=1, lt=2**31)]


class InstancePath(Path):
    instance_id: Name


class InstanceOut(Out):
    """`acknowledged_version` is what the running strategy says it reads; null before it said anything."""

    id: str
    strategy: str
    venue: str
    symbol: str
    budget: Money
    mode: Mode
    policy: Policy
    running: bool
    current_version: int
    acknowledged_version: int | None
    created_at: Moment


class InstanceList(Out):
    items: list[InstanceOut]


class ParameterOut(Out):
    """One declared parameter with its value now; `max_change` is the largest relative change per approval."""

    name: str
    value: float
    default: float
    low: float
    high: float
    step: float
    unit: str
    help: str
    type: str
    max_change: Fraction
    risk: str
    applies: str


class ParametersOut(Out):
    instance_id: str
    version: int
    digest: str
    values: dict[str, float]
    parameters: list[ParameterOut]
    json_schema: dict[str, Any]


class ParameterVersionOut(Out):
    version: int
    parent: int | None
    values: dict[str, float]
    digest: str
    author: str
    proposal_id: str | None
    note: str
    created_at: Moment
    sent_at: Moment | None
    acknowledged_at: Moment | None
    first_trade_at: Moment | None


class ParameterHistory(Out):
    items: list[ParameterVersionOut]


class ParametersBody(Body):
    """A person's own change: only the values that should differ."""

    values: Annotated[dict[Name, float], Field(min_length=1, max_length=64)]
    reason: Note = ""


class RollbackBody(Body):
    to_version: Version
    note: Note = ""


class PolicyBody(Body):
    policy: Policy
