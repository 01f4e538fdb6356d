"""A person's session: a signed, HttpOnly, SameSite cookie with an end and a token against forged forms."""

import hmac
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Request, session

from api.auth.principal import Principal
from api.auth.scopes import granted
from core.errors import Forbidden

PERSON = "person"
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"


def begin(now: datetime, lifetime: timedelta) -> Principal:
    """Start a session afresh, whatever the cookie held before."""
    session.clear()
    session.permanent = True
    session["ends_at"] = (now + lifetime).isoformat()
    session["csrf"] = secrets.token_urlsafe(24)
    return _person(session["csrf"])


def end() -> None:
    session.clear()


def current(now: datetime) -> Principal | None:
    """The person whose cookie came along, unless it has ended."""
    ends_at, csrf = session.get("ends_at"), session.get("csrf")
    if ends_at is None or csrf is None or datetime.fromisoformat(ends_at) <= now:
        return None
    return _person(csrf)


def require_own_origin(request: Request) -> None:
    """Refuse a request that a browser says was sent from another site."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden("This request comes from another site.", field="Origin")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("This request comes from another site.", field="Sec-Fetch-Site")


def require_csrf(request: Request, person: Principal) -> None:
    """Refuse a change without the session's token in the header or the form."""
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD) or ""
    if not hmac.compare_digest(sent.encode(), (person.csrf or "").encode()):
        raise Forbidden("The form is too old or was not ours.", field=CSRF_FIELD, remedy="Reload the page.")


def _person(csrf: str) -> Principal:
    return Principal(actor=PERSON, scopes=granted(["control"]), via="session", csrf=csrf)
