"""Errors become statuses in one place, as JSON, without the caller's values."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.auth.principal import Principal
from api.errors import STATUSES, status_of
from core.clock import SystemClock
from core.errors import TradeloopError, Unavailable
from tests.support.api import UNREACHABLE, application


def subclasses(kind: type[TradeloopError]) -> set[type[TradeloopError]]:
    return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client whose door stands open: what is tested lies behind it or before it."""
    monkeypatch.setattr(
        "api.auth.guard.identify", lambda: Principal("t", frozenset({"read", "approve", "control"}), "key")
    )
    return application(UNREACHABLE, SystemClock(), tmp_path).test_client()


def test_no_class_of_core_errors_is_unmapped() -> None:
    ours = {kind for kind in subclasses(TradeloopError) if kind.__module__ in ("core.errors", "api.errors")}
    assert ours == set(STATUSES)


def test_a_subclass_elsewhere_has_its_parents_status() -> None:
    class Elsewhere(Unavailable):
        """Somewhere else."""

    assert status_of(Elsewhere()) == 503


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("PUT", "/api/trades", {}, 405),
        ("OPTIONS", "/api/trades", {}, 405),
        ("POST", "/api/ai-feedback", {"data": "text=1", "content_type": "text/plain"}, 415),
        ("POST", "/api/ai-feedback", {"data": "{", "content_type": "application/json"}, 400),
        ("POST", "/api/ai-feedback", {"data": "x" * 300_000, "content_type": "application/json"}, 413),
        ("POST", "/api/ai-feedback", {"json": {"text": 5}}, 422),
        ("POST", "/api/ai-feedback", {}, 422),
        ("GET", "/api/status", {"headers": {"Host": "evil.example"}}, 400),
    ],
)
def test_every_refusal_is_json(
    client: FlaskClient, method: str, path: str, options: dict[str, object], status: int
) -> None:
    answered = client.open(path, method=method, **options)  # type: ignore[arg-type]
    assert answered.status_code == status
    assert set((answered.json or {})["error"]) == {"code", "message", "field"}


def test_a_validation_error_names_the_field_and_never_repeats_the_value(client: FlaskClient) -> None:
    answered = client.post("/api/proposals/p-1/approve", json={"digest": "hunter2-secret"})
    assert answered.status_code == 422
    assert (answered.json or {})["error"]["field"] == "digest"
    assert "hunter2" not in answered.text


def test_an_unknown_field_is_refused(client: FlaskClient) -> None:
    answered = client.post("/api/trading/start", json={"mode": "paper", "levarage": 3})
    assert (answered.status_code, (answered.json or {})["error"]["field"]) == (422, "levarage")


@pytest.mark.parametrize(
    "path", ["/api/trades?cursor=AAAA", "/api/trades?limit=0", "/api/trades?start=2026-01-01", "/api/trades?colour=red"]
)
def test_a_query_that_cannot_be_meant_is_refused(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 422


def test_what_breaks_inside_is_a_500_that_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = application(UNREACHABLE, SystemClock(), tmp_path)

    def broken() -> str:
        raise RuntimeError("hunter2-secret")

    monkeypatch.setitem(app.view_functions, "pages.login_page", broken)
    answered = app.test_client().get("/login")
    assert (answered.status_code, (answered.json or {})["error"]["code"]) == (500, "internal")
    assert "hunter2" not in answered.text


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/nowhere", "/login", "/api/trades?limit=0"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "same-origin"


def test_the_loopback_names_are_trusted_hosts(client: FlaskClient) -> None:
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000"):
        assert client.get("/login", headers={"Host": host}).status_code == 200


def test_a_short_secret_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TradeloopError, match="secret key"):
        application(UNREACHABLE, SystemClock(), tmp_path, secret_key="short")


def test_the_context_of_an_app_is_its_own(tmp_path: Path) -> None:
    first, second = (application(UNREACHABLE, SystemClock(), tmp_path) for _ in range(2))
    assert isinstance(first, Flask)
    assert first.extensions["tradeloop"] is not second.extensions["tradeloop"]
