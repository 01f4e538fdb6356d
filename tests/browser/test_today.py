"""Today in a real browser: log in by the printed link, approve a diff, pull the brake, on a phone's width."""

import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.auth.one_time import OneTimeLogins
from api.serve import make_server
from core.clock import SimulatedClock
from core.learning import ProposalStatus
from storage.stores import Stores
from storage.wipe import wipe
from strategies import registry
from tests.support.api import application
from tests.support.rows import NOON, instance, proposal

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
PHONE = {"width": 390, "height": 844}

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


@pytest.fixture
def link(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[str]:
    """The one-time link of a served home in which a proposal waits."""
    stores = Stores(database_url, redis_url)
    with stores.begin() as tx:
        wipe(tx.connection)
        tx.instances.seed(instance(), registry.get("momentum_scalping").declaration.defaults(), NOON)
        tx.proposals.add(proposal("p-1"))
        tx.proposals.move("p-1", ProposalStatus.AWAITING_REVIEW, NOON)
    clock = SimulatedClock(NOON + timedelta(hours=1))
    server = make_server(application(stores, clock, tmp_path), "127.0.0.1", 0, 4)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    token = OneTimeLogins(tmp_path / "logins").issue(clock.now())
    yield f"http://127.0.0.1:{server.effective_port}/login?token={token}"
    server.close()
    stores.close()


def test_a_person_logs_in_approves_and_pulls_the_brake(link: str) -> None:
    said: list[str] = []
    asked: list[str] = []
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_context(viewport=PHONE).new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(link)
        page.get_by_role("button").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Today"
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        page.get_by_role("button", name="Approve this diff").click()
        assert "Approved." in page.get_by_role("alert").first.inner_text()
        page.get_by_role("button", name="Pull the kill switch").click()
        assert page.get_by_text("The kill switch is pulled: no new positions.").count() == 1
        browser.close()
    assert said == []
    assert {url.split("/")[2].split(":")[0] for url in asked} == {"127.0.0.1"}
