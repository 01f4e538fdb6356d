"""Every route x every kind of caller: only what the access table says."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from api.auth.access import PUBLIC, SCOPES
from api.auth.one_time import OneTimeLogins
from api.auth.passwords import hash_password
from api.auth.scopes import granted
from core.clock import SimulatedClock
from core.errors import Unavailable
from storage.stores import Stores, Transaction
from tests.integration.api.conftest import key_of
from tests.support.api import Caller, application
from tests.support.rows import NOON

pytestmark = pytest.mark.integration

EXAMPLES = {"kind": "daily", "date": "2026-11-01", "command_id": "1", "symbol": "BTCUSDT", "filename": "style.css"}
ORIGIN = "http://localhost"


def path_of(rule: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: EXAMPLES.get(part[1], "none"), rule)


def refused(caller: Caller) -> dict[str, int]:
    """The routes that turn `caller` away, with their status; nothing may end in a 5xx."""
    answers = {}
    for access in SCOPES:
        method, rule = access.split(" ", 1)
        with caller.call(method, path_of(rule), json={} if method == "POST" else None) as answered:
            assert answered.status_code < 500, access
            if answered.status_code in (401, 403):
                answers[access] = answered.status_code
    return answers


@pytest.mark.parametrize("scope", ["read", "approve", "control"])
def test_a_key_opens_what_its_scope_says_and_nothing_else(app: Flask, db: Stores, scope: str) -> None:
    beyond = {access: 403 for access, needed in SCOPES.items() if needed not in granted([scope])}
    assert refused(Caller(app.test_client(), key_of(db, scope))) == beyond


def test_without_a_key_everything_is_401(nobody: Caller) -> None:
    assert refused(nobody) == dict.fromkeys(SCOPES, 401)


def test_an_expired_key_is_no_key(app: Flask, db: Stores, clock: SimulatedClock) -> None:
    with db.begin() as tx:
        plaintext = tx.keys.create("old", {"control"}, NOON, clock.now())[1]
    assert refused(Caller(app.test_client(), plaintext)) == dict.fromkeys(SCOPES, 401)


def test_a_revoked_key_is_no_key(app: Flask, db: Stores) -> None:
    with db.begin() as tx:
        key, plaintext = tx.keys.create("gone", {"control"}, NOON)
        tx.keys.revoke(key.id, NOON)
    assert refused(Caller(app.test_client(), plaintext)) == dict.fromkeys(SCOPES, 401)


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic dTpw", "Bearer \u00e9", "Bearer tl_x_y", "tl_x_y"])
def test_a_header_that_is_no_key_is_401(nobody: Caller, header: str) -> None:
    assert nobody.get("/api/status", headers={"Authorization": header}).status_code == 401


def test_public_routes_need_nothing(nobody: Caller) -> None:
    for access in PUBLIC:
        method, rule = access.split(" ", 1)
        with nobody.call(method, path_of(rule)) as answered:
            assert answered.status_code in (200, 303, 401, 422), access


def log_in(app: Flask, clock: SimulatedClock, home: Path) -> tuple[Caller, str]:
    token = OneTimeLogins(home / "logins").issue(clock.now())
    caller = Caller(app.test_client())
    answered = caller.post("/api/auth/login", {"token": token})
    assert answered.status_code == 200
    return caller, (answered.json or {})["csrf_token"]


def test_a_one_time_login_works_once(app: Flask, clock: SimulatedClock, tmp_path: Path) -> None:
    token = OneTimeLogins(tmp_path / "logins").issue(clock.now())
    answers = [Caller(app.test_client()).post("/api/auth/login", {"token": token}).status_code for _ in range(2)]
    assert answers == [200, 401]


def test_a_one_time_login_ends_after_a_day(app: Flask, clock: SimulatedClock, tmp_path: Path) -> None:
    token = OneTimeLogins(tmp_path / "logins").issue(clock.now())
    clock.move_to(clock.now() + timedelta(days=1))
    assert Caller(app.test_client()).post("/api/auth/login", {"token": token}).status_code == 401


def test_a_session_reads_and_with_its_token_changes(app: Flask, clock: SimulatedClock, tmp_path: Path) -> None:
    person, csrf = log_in(app, clock, tmp_path)
    assert person.get("/api/status").status_code == 200
    sent = {"X-CSRF-Token": csrf, "Origin": ORIGIN}
    assert person.post("/api/ai-feedback", {"text": "calm"}, headers=sent).status_code == 202


def test_a_session_without_its_token_changes_nothing(app: Flask, clock: SimulatedClock, tmp_path: Path) -> None:
    person, _ = log_in(app, clock, tmp_path)
    changes = {access: 403 for access in SCOPES if access.startswith("POST")}
    assert refused(person) == changes


@pytest.mark.parametrize(
    "forged", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_site_cannot_use_a_session(
    app: Flask, clock: SimulatedClock, tmp_path: Path, forged: dict[str, str]
) -> None:
    person, csrf = log_in(app, clock, tmp_path)
    sent = {"X-CSRF-Token": csrf, **forged}
    assert person.post("/api/ai-feedback", {"text": "calm"}, headers=sent).status_code == 403
    assert person.post("/api/auth/login", {"token": "x"}, headers=forged).status_code == 403


def test_a_session_ends_by_time_and_by_logging_out(app: Flask, clock: SimulatedClock, tmp_path: Path) -> None:
    person, csrf = log_in(app, clock, tmp_path)
    other, _ = log_in(app, clock, tmp_path)
    assert person.post("/api/auth/logout", headers={"X-CSRF-Token": csrf}).status_code == 204
    assert person.get("/api/status").status_code == 401
    clock.move_to(clock.now() + timedelta(hours=12))
    assert other.get("/api/status").status_code == 401


def test_a_key_is_asked_even_where_a_session_cookie_comes_along(
    app: Flask, clock: SimulatedClock, tmp_path: Path
) -> None:
    person, _ = log_in(app, clock, tmp_path)
    assert person.get("/api/status", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_the_password_logs_in_and_a_wrong_one_does_not(db: Stores, clock: SimulatedClock, tmp_path: Path) -> None:
    app = application(db, clock, tmp_path, password_hash=hash_password("correct horse"))
    answers = [
        Caller(app.test_client()).post("/api/auth/login", {"password": password}).status_code
        for password in ("correct horse", "wrong", "")
    ]
    assert answers == [200, 401, 401]


def test_the_cookie_is_httponly_and_same_site(app: Flask, clock: SimulatedClock, tmp_path: Path) -> None:
    token = OneTimeLogins(tmp_path / "logins").issue(clock.now())
    cookie = Caller(app.test_client()).post("/api/auth/login", {"token": token}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_read_only_application_takes_no_change_but_the_brake(
    db: Stores, clock: SimulatedClock, tmp_path: Path
) -> None:
    app = application(db, clock, tmp_path, read_only=True)
    controller = Caller(app.test_client(), key_of(db, "control"))
    assert controller.get("/api/status").status_code == 200
    assert controller.post("/api/trading/stop").status_code == 403
    assert controller.post("/api/kill-switch/activate").status_code == 200


def test_a_logged_out_cookie_is_worthless_wherever_it_was_copied(
    app: Flask, clock: SimulatedClock, tmp_path: Path
) -> None:
    person, csrf = log_in(app, clock, tmp_path)
    cookie = person.client.get_cookie("tradeloop_session")
    assert cookie is not None
    thief = Caller(app.test_client())
    thief.client.set_cookie("tradeloop_session", cookie.value)
    assert thief.get("/api/status").status_code == 200
    person.post("/api/auth/logout", headers={"X-CSRF-Token": csrf})
    assert thief.get("/api/status").status_code == 401


def test_a_person_pulls_the_brake_while_postgres_is_away(
    app: Flask, clock: SimulatedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, csrf = log_in(app, clock, tmp_path)

    @contextmanager
    def away(**_: object) -> Iterator[Transaction]:
        raise Unavailable
        yield

    monkeypatch.setattr(app.extensions["tradeloop"].stores, "begin", away)
    assert person.get("/api/status").status_code == 503
    answered = person.post("/api/kill-switch/activate", headers={"X-CSRF-Token": csrf})
    assert (answered.status_code, (answered.json or {})["active"], (answered.json or {})["recorded"]) == (
        200,
        True,
        False,
    )
    assert person.post("/api/kill-switch/deactivate", headers={"X-CSRF-Token": csrf}).status_code == 503
