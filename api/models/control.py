"""Commands and the kill switch."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.models.base import Body, Moment, Name, Note, Out, Parsed, Path


class CommandPath(Path):
    command_id: Annotated[int, Field(ge=1, lt=2**63)]


class CommandOut(Out):
    """A command and what became of it: `status` is waiting, taken, done or failed."""

    id: int
    kind: str
    instance_id: str | None
    status: str
    result: dict[str, Any] | None
    actor: str
    at: Moment
    taken_at: Moment | None
    done_at: Moment | None


class CommandAccepted(Out):
    """`GET /api/commands/{id}` tells what became of it."""

    id: int
    status: str
    url: str


class StartBody(Body):
    """Start one instance, or all of them. Live trading cannot be started yet."""

    mode: Literal["paper", "live"] = "paper"
    instance_id: Name | None = None


class StopBody(Body):
    instance_id: Name | None = None
    note: Note = ""


class ManualOrderBody(Body):
    """A market order of a person. It belongs to the instance `manual`, never to a strategy's facts."""

    venue: Name
    symbol: Name
    quantity: Annotated[Decimal, Field(gt=0, max_digits=38, description="base units")]
    note: Note = ""


class ActivateBody(Body):
    """`flatten` also closes open positions."""

    reason: Note = ""
    flatten: bool = False


class DeactivateBody(Body):
    """Asked for twice: `confirm` must be the word `deactivate`."""

    confirm: str = Field("", max_length=20)
    note: Note = ""


class KillSwitchOut(Out):
    """`recorded` is false when Postgres could not take the audit row; the switch itself works without it."""

    active: bool
    flatten: bool = False
    actor: str | None = None
    at: str | None = None
    reason: str = ""
    recorded: bool | None = None


class KeyHeader(Parsed):
    """The same key with the same request is carried out once."""

    model_config = ConfigDict(populate_by_name=True)

    idempotency_key: Annotated[
        str | None, Field(alias="Idempotency-Key", min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")
    ] = None
