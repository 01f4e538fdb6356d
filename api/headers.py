"""What keeps browsers from doing harm: host names that are ours, and headers on every answer."""

from collections.abc import Collection
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import SecurityError

from api.config import ApiConfig

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def register(app: Flask, config: ApiConfig) -> None:
    def admit() -> None:
        require_our_host(request.host, config.trusted_hosts)

    app.before_request(admit)
    app.after_request(secure)
    if config.https:
        app.after_request(stay_on_https)


def require_our_host(host: str, ours: Collection[str]) -> None:
    """Raise a 400 for a host name that is not ours (a page elsewhere may have pointed its own name at us)."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if ours and name not in ours:
        raise SecurityError("That host name is not ours.")


def secure(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"  # no-referrer would make browsers send `Origin: null`
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store" if request.method == "POST" else "private, no-cache"
    return response


def stay_on_https(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
