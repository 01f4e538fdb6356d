"""The pages: honest when empty, complete when not, and text stays text."""

import re
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from api.auth.one_time import OneTimeLogins
from core.clock import SimulatedClock
from core.learning import Change, Check, ProposalStatus, Review, Verdict
from storage.stores import Stores
from tests.support.api import Caller, application
from tests.support.rows import NOON, proposal

pytestmark = pytest.mark.integration
HOSTILE = "<script>alert(1)</script>\u202e\"'&{{7*7}}"


def write_day(db: Stores, text: str) -> None:
    made = proposal("p-1")
    change = Change("entry_threshold", 0.004, 0.005, text)
    verdict = Verdict("approve", (Check("days", True, 90, 60, text, text),), text, text)
    review = Review("daily", date(2026, 11, 1), NOON, "rules", {"summary": [{"text": text, "facts": ["F1"]}]}, {}, True)
    with db.begin() as tx:
        tx.proposals.add(type(made)(**{**vars(made), "changes": (change,), "reason": text}))
        tx.proposals.add_verdict("p-1", verdict, NOON)
        tx.proposals.move("p-1", ProposalStatus.AWAITING_REVIEW, NOON)
        tx.reviews.add(review)
        tx.safety.open("feed.stalled", "warning", text, {}, None, NOON)


@pytest.fixture
def person(app: Flask, clock: SimulatedClock, tmp_path: Path) -> Caller:
    """Somebody who came by the one-time link."""
    token = OneTimeLogins(tmp_path / "logins").issue(clock.now())
    caller = Caller(app.test_client())
    assert f'value="{token}"' in caller.get(f"/login?token={token}").text
    assert caller.call("POST", "/login", data={"token": token}).headers["Location"] == "/"
    return caller


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_browser_without_a_session_is_sent_to_the_login(nobody: Caller) -> None:
    answered = nobody.get("/", headers={"Accept": "text/html"})
    assert (answered.status_code, answered.headers["Location"]) == (303, "/login")


def test_a_new_home_says_that_nothing_waits_and_that_it_is_simulated(person: Caller) -> None:
    page = person.get("/").text
    for sentence in ("SIMULATED", "Nothing waits for a decision.", "No review yet.", "No warning."):
        assert sentence in page


def test_hostile_text_is_text_wherever_it_comes_from(person: Caller, db: Stores) -> None:
    write_day(db, HOSTILE)
    page = person.get("/").text
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 5
    assert "{{7*7}}" in page


def test_a_page_loads_nothing_from_elsewhere(person: Caller) -> None:
    page = person.get("/").text
    assert all(link.startswith("/") for link in re.findall(r'(?:src|href|action)="([^"]+)"', page))


def test_a_proposal_is_approved_by_its_form(person: Caller, db: Stores) -> None:
    write_day(db, "calm")
    csrf = csrf_of(person.get("/").text)
    form = {"csrf_token": csrf, "id": "p-1", "digest": proposal("p-1").digest, "note": "fine"}
    with db.begin() as tx:
        form["digest"] = tx.proposals.get("p-1").digest
    assert person.call("POST", "/today/approve", data=form).status_code == 303
    assert "Approved." in person.get("/").text
    assert person.call("POST", "/today/approve", data=form).status_code == 303
    assert "cannot be approved" in person.get("/").text


def test_a_form_without_its_token_is_refused(person: Caller) -> None:
    assert person.call("POST", "/today/kill-switch", data={}).status_code == 403


def test_the_brake_and_the_note_work_from_the_page(person: Caller, db: Stores) -> None:
    csrf = csrf_of(person.get("/").text)
    person.call("POST", "/today/feedback", data={"csrf_token": csrf, "text": "Smaller at night."})
    person.call("POST", "/today/kill-switch", data={"csrf_token": csrf})
    page = person.get("/").text
    assert "The kill switch is pulled: no new positions." in page
    with db.begin() as tx:
        assert [note.text for note in tx.feedback.list()] == ["Smaller at night."]


def test_the_page_speaks_korean(db: Stores, clock: SimulatedClock, tmp_path: Path) -> None:
    caller = Caller(application(db, clock, tmp_path, language="ko").test_client())
    token = OneTimeLogins(tmp_path / "logins").issue(clock.now())
    caller.call("POST", "/login", data={"token": token})
    assert "결정을 기다리는 제안이 없습니다." in caller.get("/").text


@pytest.mark.parametrize("hostile", ["\x00", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "x" * 5000])
def test_a_form_with_strange_bytes_is_told_off_in_words(person: Caller, hostile: str) -> None:
    form = {"csrf_token": csrf_of(person.get("/").text), "id": hostile, "digest": hostile, "note": hostile}
    assert person.call("POST", "/today/approve", data=form).status_code == 303
    assert "There is no proposal" in person.get("/").text
