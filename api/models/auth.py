"""Logging in."""

from typing import Annotated

from pydantic import Field

from api.models.base import Body, Moment, Out


class LoginBody(Body):
    """The dashboard's password, or the one-time token that `tradeloop run` printed."""

    password: Annotated[str, Field(max_length=1024)] | None = None
    token: Annotated[str, Field(max_length=200)] | None = None


class SessionOut(Out):
    """Send `csrf_token` as the header X-CSRF-Token with every change that the session's cookie makes."""

    csrf_token: str
    scopes: list[str]
    ends_at: Moment
