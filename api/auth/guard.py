"""The door: every request is named in the access table, and whoever sends it may do that."""

from flask import Flask, Request, request

from api.auth import sessions
from api.auth.access import ALWAYS_TAKEN, PUBLIC, SCOPES
from api.auth.principal import Principal, remember
from api.auth.scopes import granted
from api.context import here
from api.errors import Unauthorized
from core.errors import Forbidden

SAFE = frozenset({"GET", "HEAD"})


def register(app: Flask, *, read_only: bool) -> None:
    app.before_request(admit)
    if read_only:
        app.before_request(refuse_changes)


def admit() -> None:
    """Raise Unauthorized or Forbidden unless the access table lets this request in."""
    if request.url_rule is None:
        return
    access = access_name(request)
    if access in PUBLIC:
        if request.method not in SAFE:
            sessions.require_own_origin(request)
        return
    if access not in SCOPES:
        raise Forbidden("Nobody has said who may do this.")
    who = identify()
    if who.via == "session" and request.method not in SAFE:
        sessions.require_own_origin(request)
        sessions.require_csrf(request, who)
    who.require(SCOPES[access])
    remember(who)


def refuse_changes() -> None:
    """The hook of a read-only application."""
    if request.url_rule is not None and request.method not in SAFE and access_name(request) not in ALWAYS_TAKEN:
        raise Forbidden("This Tradeloop is read-only.")


def access_name(sent: Request) -> str:
    """The name of a request in the access table: its method and its rule."""
    method = "GET" if sent.method == "HEAD" else sent.method
    return f"{method} {sent.url_rule.rule if sent.url_rule else ''}"


def identify() -> Principal:
    """The key in the Authorization header, else the session; never both."""
    if "Authorization" in request.headers:
        return _by_key(request.headers["Authorization"])
    context = here()
    brake = access_name(request) in ALWAYS_TAKEN
    person = sessions.current(context.stores, context.now(), without_store=brake)
    if person is None:
        raise Unauthorized(remedy="Send `Authorization: Bearer KEY`, or log in.")
    return person


def _by_key(header: str) -> Principal:
    kind, _, plaintext = header.partition(" ")
    if kind.lower() != "bearer" or not plaintext.isprintable():
        raise Unauthorized(remedy="Send `Authorization: Bearer KEY`.")
    context = here()
    with context.stores.begin() as tx:
        key = tx.keys.authenticate(plaintext.strip(), context.now())
    if key is None:
        raise Unauthorized("The key is unknown, expired or revoked.")
    return Principal(actor=f"key:{key.name}", scopes=granted(key.scopes), via="key")
