"""Logging in: a password or a one-time token becomes a session, with a line in the audit log."""

from api import limits
from api.auth import sessions
from api.auth.principal import Principal
from api.context import ApiContext, here
from api.errors import Unauthorized


def log_in(*, password: str | None, token: str | None) -> Principal:
    """Begin a session; raises Unauthorized without saying which part was wrong.

    The proof is asked for when Postgres is there, so that no link is used up for nothing.
    """
    context, now = here(), here().now()
    limits.require_login_allowed()
    with context.stores.begin() as tx:
        how = _proof(context, password, token)
        if how is None:
            limits.note_failed_login()
            raise Unauthorized("That password or login link is not valid.", remedy="Ask for a new one.")
        person = sessions.begin(tx, now, context.config.session_lifetime)
        tx.audit.append(sessions.PERSON, "auth.login", how, {}, now)
    return person


def log_out() -> None:
    """End the current session."""
    with here().stores.begin() as tx:
        sessions.end(tx)


def _proof(context: ApiContext, password: str | None, token: str | None) -> str | None:
    if token and context.logins.redeem(token, context.now()):
        return "one-time token"
    if password and context.passwords.accepts(password):
        return "password"
    return None
