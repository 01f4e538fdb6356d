"""Serving: waitress, on the loopback unless somebody has been given a way to prove who they are."""

import ipaddress

from flask import Flask
from waitress.server import BaseWSGIServer, MultiSocketServer, create_server

from api.context import EXTENSION, ApiContext
from core.errors import Forbidden


def serve(app: Flask, host: str, port: int, threads: int = 8) -> None:
    """Serve until the process is told to stop. Raises Forbidden for an open address without any key or password."""
    make_server(app, host, port, threads).run()


def make_server(app: Flask, host: str, port: int, threads: int = 8) -> BaseWSGIServer | MultiSocketServer:
    """A bound server; port 0 takes any free one (see `effective_port`)."""
    if not is_loopback(host):
        require_credentials(app)
    return create_server(
        app, host=host, port=port, threads=threads, ident="tradeloop", clear_untrusted_proxy_headers=True
    )


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_credentials(app: Flask) -> None:
    """Raise Forbidden unless a password is set or a key exists."""
    context: ApiContext = app.extensions[EXTENSION]
    if context.passwords.configured:
        return
    with context.stores.begin() as tx:
        has_key = bool(tx.keys.list())
    if not has_key:
        raise Forbidden(
            "An address that others can reach needs a password or a key.",
            field="host",
            remedy="Set TRADELOOP_DASHBOARD_PASSWORD or run `tradeloop keys create`, or bind to 127.0.0.1.",
        )
