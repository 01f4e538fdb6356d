"""A canary in every secret setting, while everything that could sing fails: none is heard anywhere."""

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from flask import Flask
from sqlalchemy import make_url, text

from core.clock import SimulatedClock, day_bounds
from feedback.llm.client import CallFailed
from service.commands.api import build_app
from service.jobs import find
from service.logs import configure_logs
from service.runs import attempt
from service.session import Session, connected
from service.settings import SECRETS, load_settings
from service.wiring import build_loop
from storage.embedded.home import Home
from storage.embedded.runtime import StoreUrls
from storage.schema import metadata
from strategies import registry
from tests.support.api import Caller
from tests.support.llm import request
from tests.support.rows import NOON, batch, instance

pytestmark = pytest.mark.integration

CANARY = "canary7d41"


@dataclass(frozen=True)
class Cage:
    """A home whose secrets are canaries, its application, and everything that was logged."""

    session: Session
    app: Flask
    logged: io.StringIO
    key: str


@pytest.fixture
def cage(database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cage]:
    database = make_url(database_url).set(password=f"{CANARY}-database").render_as_string(hide_password=False)
    environment = {
        "TRADELOOP_DATABASE_URL": database,
        "TRADELOOP_REDIS_URL": redis_url.replace("://", f"://:{CANARY}-redis@"),
        "DEEPSEEK_API_KEY": f"{CANARY}-deepseek",
        "TRADELOOP_LLM_API_KEY": f"{CANARY}-model",
        "TRADELOOP_LLM_BASE_URL": "http://127.0.0.1:9",
        "TRADELOOP_SLACK_WEBHOOK_URL": f"http://127.0.0.1:9/services/{CANARY}",
        "TRADELOOP_DASHBOARD_PASSWORD": f"{CANARY}-password",
    }
    assert environment.keys() >= set(SECRETS)
    settings = load_settings(tmp_path / "home", environment)
    home, root, errors = Home(settings.home), logging.getLogger(), io.StringIO()
    for folder in (home.bars, home.reports):
        folder.mkdir(parents=True)
    before, level = list(root.handlers), root.level
    monkeypatch.setattr(sys, "stderr", errors)
    configure_logs(level="DEBUG", secrets=settings.secrets)
    root.setLevel(logging.DEBUG)
    with ExitStack() as open_now:
        urls = StoreUrls(settings.database_url or "", settings.redis_url or "")
        clock = SimulatedClock(NOON + timedelta(days=1))
        session = open_now.enter_context(connected(settings, home, urls, clock))
        with session.stores.begin() as tx:
            tx.instances.seed(instance(), registry.get("momentum_scalping").declaration.defaults(), NOON)
            tx.journal.write(batch(1))
            key = tx.keys.create("canary", ["control"], NOON)[1]
        yield Cage(session, build_app(session), errors, key)
    structlog.reset_defaults()
    root.handlers, root.level = before, level


def songs(cage: Cage) -> dict[str, str]:
    """Everything that people, programs and disks get to see."""
    caller = Caller(cage.app.test_client(), cage.key)
    heard = {path: caller.get(path).get_data(as_text=True) for path in ("/metrics", "/", "/api/ai-insights")}
    heard["status"] = caller.get("/api/status").get_data(as_text=True)
    heard["refused"] = Caller(cage.app.test_client(), f"tl_{CANARY}_{CANARY}").get("/").get_data(as_text=True)
    with cage.session.stores.begin() as tx:
        for table in metadata.sorted_tables:
            heard[table.name] = str(tx.connection.execute(text(f"SELECT * FROM {table.name}")).all())
    for file in cage.session.home.path.rglob("*"):
        if file.is_file():
            heard[str(file)] = file.read_bytes().decode(errors="replace")
    heard["settings"] = repr(cage.session.settings) + repr(cage.session)
    heard["logs"] = cage.logged.getvalue()
    return heard


def test_no_secret_setting_is_heard_anywhere(cage: Cage) -> None:
    loop = build_loop(cage.session)
    attempt(loop, find("daily_review"), day_bounds(NOON.date(), loop.zone)[1])
    with pytest.raises(CallFailed) as refused:
        loop.model.client.complete(request(deadline_s=5.0))
    cage.session.stores.latest.put("news:recent", {"at": NOON.isoformat()})
    person = Caller(cage.app.test_client())
    for password in (f"{CANARY}-wrong", f"{CANARY}-password"):
        person.post("/api/auth/login", {"password": password})
    person.post("/api/auth/login", {"password": [f"{CANARY}-password"]})
    log = structlog.get_logger()
    for secret in cage.session.settings.secrets:
        log.warning("A library said %s.", secret, action="test", detail={"url": f"https://x/{secret}"})
    heard = songs(cage)
    assert {place: sung[:2000] for place, sung in heard.items() if CANARY in sung} == {}
    assert CANARY not in repr(refused.value) + str(refused.value.__cause__)
    assert "slack" in heard["deliveries"]
    assert "auth.login" in heard["audit_log"]
    assert cage.key not in "".join(heard.values())
