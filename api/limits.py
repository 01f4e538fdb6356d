"""Rate limits, counted in Redis for all processes together: against guessing passwords and against runaway programs."""

from datetime import timedelta

from flask import Flask, request

from api.auth.access import ALWAYS_TAKEN
from api.auth.guard import SAFE, access_name
from api.auth.principal import known
from api.context import here
from api.errors import TooMany

MINUTE = timedelta(minutes=1)
FAILED_LOGINS = 10


def register(app: Flask) -> None:
    """Behind the guard: only callers who are known are counted."""
    app.before_request(count_calls)


def count_calls() -> None:
    """Raise TooMany when this caller has asked too often this minute. The brake is never counted."""
    who = known()
    if who is None or access_name(request) in ALWAYS_TAKEN:
        return
    context = here()
    kind = "reads" if request.method in SAFE else "writes"
    most = context.config.reads_per_minute if kind == "reads" else context.config.writes_per_minute
    count = context.stores.limits.hit(f"{kind}:{who.actor}", MINUTE)
    if count.hits > most:
        raise TooMany(f"More than {most} {kind} in a minute.", retry_after=count.ends_in)


def require_login_allowed() -> None:
    """Raise TooMany after too many failed logins from this address."""
    failed = here().stores.limits.seen(_login())
    if failed.hits >= FAILED_LOGINS:
        raise TooMany("Too many failed logins.", retry_after=failed.ends_in)


def note_failed_login() -> None:
    here().stores.limits.hit(_login(), MINUTE)


def _login() -> str:
    return f"logins:{request.remote_addr}"
