"""The application factory: everything it needs is handed in, nothing is read from the environment."""

from datetime import timedelta

from flask import Flask, Response, jsonify, request
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.types import SecuritySchemesDict

from api import errors, headers, idempotency, limits
from api.answers import revalidate
from api.auth import guard
from api.auth.one_time import OneTimeLogins
from api.auth.passwords import Passwords
from api.config import ApiConfig
from api.context import ApiContext, attach
from api.dashboard import pages
from api.document import completed
from api.models.base import ErrorOut
from api.routes import RESOURCES
from core.clock import Clock
from core.errors import InvalidInput
from execution.safety import KillSwitch
from feedback.approval import Approvals
from storage.stores import Stores

SECURITY: SecuritySchemesDict = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key of `tradeloop keys create`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "tradeloop_session"},
}

SHORTEST_SECRET = 32

#: What create_app makes, for those who must not know Flask.
App = Flask


def create_app(
    *,
    config: ApiConfig,
    stores: Stores,
    clock: Clock,
    approvals: Approvals,
    kill_switch: KillSwitch,
) -> App:
    """The API and the dashboard as one WSGI application. Raises InvalidInput without a secret key."""
    if len(config.secret_key) < SHORTEST_SECRET:
        raise InvalidInput("The secret key is too short.", field="secret_key", remedy="Give 32 random characters.")
    app = _bare(config)
    parts = ApiContext(
        config=config,
        stores=stores,
        clock=clock,
        approvals=approvals,
        kill_switch=kill_switch,
        passwords=Passwords(config.password_hash),
        logins=OneTimeLogins(config.logins_dir),
    )
    attach(app, parts)
    _hang_doors(app, config)
    for resource in RESOURCES:
        app.register_api(resource)
    pages.register(app)
    app.static_folder = "dashboard/static"
    app.add_url_rule("/static/<path:filename>", "static", app.send_static_file)
    document = completed(app.api_doc)
    app.add_url_rule("/openapi/openapi.json", "openapi", lambda: jsonify(document))
    return app


def _hang_doors(app: Flask, config: ApiConfig) -> None:
    """What every request passes, in this order: host, caller, read-only, limits, repeated writes, JSON."""
    errors.register(app)
    headers.register(app, config)
    guard.register(app, read_only=config.read_only)
    limits.register(app)
    idempotency.register(app)
    app.before_request(_require_json)
    app.after_request(revalidate)


def _bare(config: ApiConfig) -> OpenAPI:
    """An application without routes. Its static route comes later, when automatic OPTIONS are off."""
    app = OpenAPI(
        "api",
        info=Info(title="Tradeloop", version=config.version),
        security_schemes=SECURITY,
        validation_error_callback=errors.refuse_validation,
        validation_error_model=ErrorOut,
        doc_ui=False,
        static_folder=None,
        template_folder="dashboard/templates",
    )
    _configure(app, config)
    return app


def _configure(app: Flask, config: ApiConfig) -> None:
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="tradeloop_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.https,
        PERMANENT_SESSION_LIFETIME=config.session_lifetime,
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=config.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=config.max_body_bytes,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )


def _require_json() -> Response | None:
    """A body sent to /api must be JSON: 415 for another type, 400 for one that cannot be read."""
    if request.path.startswith("/api/") and request.method == "POST" and request.get_data(cache=True):
        request.get_json()
    return None
