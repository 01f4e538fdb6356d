"""Sessions of people for programs that keep cookies; pages log in under /login."""

from flask import Response

from api.answers import answer, resource
from api.auth import login
from api.auth.principal import Principal
from api.context import here
from api.models.auth import LoginBody, SessionOut

api = resource("auth", "Log in and out.")


@api.post("/api/auth/login", responses={200: SessionOut}, security=[])
def log_in(body: LoginBody) -> Response:
    """Begin a session with the dashboard's password or a one-time token."""
    return answer(_session_out(login.log_in(password=body.password, token=body.token)))


@api.post("/api/auth/logout", responses={204: None})
def log_out() -> Response:
    """End this session."""
    login.log_out()
    return Response(status=204)


def _session_out(person: Principal) -> SessionOut:
    context = here()
    return SessionOut(
        csrf_token=person.csrf or "",
        scopes=sorted(person.scopes),
        ends_at=context.now() + context.config.session_lifetime,
    )
