"""A person's session: a signed, HttpOnly, SameSite cookie that names a row here, with a token against forged forms."""

import hmac
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Request, session

from api.auth.principal import Principal
from api.auth.scopes import granted
from core.errors import Forbidden, Unavailable
from storage.repositories.sessions import Sessions
from storage.stores import Stores, Transaction

PERSON = "person"
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"


def begin(tx: Transaction, now: datetime, lifetime: timedelta) -> Principal:
    """Start a session afresh, whatever the cookie held before."""
    session.clear()
    session.permanent = True
    session["name"] = Sessions(tx.connection).start(now, now + lifetime)
    session["ends_at"] = (now + lifetime).isoformat()
    session["csrf"] = secrets.token_urlsafe(24)
    return _person(session["csrf"])


def end(tx: Transaction) -> None:
    """End the session in every browser that holds its cookie."""
    Sessions(tx.connection).end(session.get("name", ""))
    session.clear()


def current(stores: Stores, now: datetime, *, without_store: bool) -> Principal | None:
    """The person whose cookie came along, unless the session has ended.

    With `without_store` the signature of the cookie is enough while Postgres does not answer (the brake must work).
    """
    name, ends_at, csrf = (session.get(part) for part in ("name", "ends_at", "csrf"))
    if name is None or ends_at is None or csrf is None or datetime.fromisoformat(ends_at) <= now:
        return None
    try:
        with stores.begin() as tx:
            lasts = Sessions(tx.connection).lasts(name, now)
    except Unavailable:
        if not without_store:
            raise
        lasts = True
    return _person(csrf) if lasts else None


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
