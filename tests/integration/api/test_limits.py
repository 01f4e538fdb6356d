"""Guessing and runaway programs are slowed down; the brake never is."""

from pathlib import Path

import pytest
from flask import Flask

from api.auth.passwords import hash_password
from api.limits import FAILED_LOGINS
from core.clock import SimulatedClock
from storage.stores import Stores
from tests.integration.api.conftest import key_of
from tests.support.api import Caller, application

pytestmark = pytest.mark.integration


def test_after_ten_failed_logins_even_the_right_password_waits(
    db: Stores, clock: SimulatedClock, tmp_path: Path
) -> None:
    app = application(db, clock, tmp_path, password_hash=hash_password("correct horse"))
    for _ in range(FAILED_LOGINS):
        assert Caller(app.test_client()).post("/api/auth/login", {"token": "guess"}).status_code == 401
    answered = Caller(app.test_client()).post("/api/auth/login", {"password": "correct horse"})
    assert (answered.status_code, (answered.json or {})["error"]["code"]) == (429, "too_many")
    assert 0 < int(answered.headers["Retry-After"]) <= 60


def test_each_caller_has_a_limit_of_its_own(db: Stores, clock: SimulatedClock, tmp_path: Path) -> None:
    app = application(db, clock, tmp_path, reads_per_minute=3, writes_per_minute=1)
    reader, controller = (Caller(app.test_client(), key_of(db, scope)) for scope in ("read", "control"))
    assert [reader.get("/api/status").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert controller.get("/api/status").status_code == 200
    assert [controller.post("/api/ai-feedback", {"text": "x"}).status_code for _ in range(2)] == [202, 429]


def test_the_brake_is_never_counted(db: Stores, clock: SimulatedClock, tmp_path: Path) -> None:
    reader = Caller(application(db, clock, tmp_path, writes_per_minute=0).test_client(), key_of(db, "read"))
    assert [reader.post("/api/kill-switch/activate").status_code for _ in range(3)] == [200, 200, 200]


def test_without_redis_nobody_is_held_up(app: Flask, db: Stores, database_url: str) -> None:
    lonely = Stores(database_url, "redis://127.0.0.1:1")
    caller = Caller(app.test_client(), key_of(db, "read"))
    app.extensions["tradeloop"].stores.limits = lonely.limits
    assert caller.get("/api/status").status_code == 200
    lonely.close()
