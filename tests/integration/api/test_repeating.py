"""A write that is sent again under its idempotency key is carried out once and answered alike."""

import threading
from datetime import timedelta

import pytest
from flask import Flask

from core.clock import SimulatedClock
from core.learning import ProposalStatus
from storage.repositories.requests import Requests
from storage.stores import Stores
from tests.integration.api.conftest import key_of
from tests.support.api import Caller
from tests.support.rows import NOON, proposal

pytestmark = pytest.mark.integration
KEY = {"Idempotency-Key": "once-1"}
NOTE = {"text": "Smaller at night."}


def notes(db: Stores) -> int:
    with db.begin() as tx:
        return len(tx.feedback.list())


def test_a_note_sent_three_times_is_one_note(approver: Caller, db: Stores) -> None:
    answers = [approver.post("/api/ai-feedback", NOTE, headers=KEY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert len({answer.text for answer in answers}) == 1
    assert [answer.headers.get("Idempotent-Replay") for answer in answers] == [None, "true", "true"]
    assert notes(db) == 1


def test_an_approval_sent_again_says_what_it_said_instead_of_409(approver: Caller, db: Stores) -> None:
    with db.begin() as tx:
        tx.proposals.add(proposal("p-1"))
        tx.proposals.move("p-1", ProposalStatus.AWAITING_REVIEW, NOON)
    body = {"digest": proposal("p-1").digest}
    answers = [approver.post("/api/proposals/p-1/approve", body, headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert approver.post("/api/proposals/p-1/approve", body).status_code == 409


def test_the_same_key_with_another_request_is_a_conflict(approver: Caller, db: Stores) -> None:
    approver.post("/api/ai-feedback", NOTE, headers=KEY)
    assert approver.post("/api/ai-feedback", {"text": "Larger."}, headers=KEY).status_code == 409
    assert notes(db) == 1


def test_a_refusal_is_kept_as_well(approver: Caller) -> None:
    answers = [approver.post("/api/proposals/none/decline", {"digest": "0" * 64}, headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text


def test_keys_of_two_callers_do_not_meet(approver: Caller, controller: Caller, db: Stores) -> None:
    for caller in (approver, controller):
        assert caller.post("/api/ai-feedback", NOTE, headers=KEY).headers.get("Idempotent-Replay") is None
    assert notes(db) == 2


def test_many_at_once_are_one(app: Flask, db: Stores) -> None:
    key = key_of(db, "approve")
    statuses: list[int] = []

    def send() -> None:
        statuses.append(Caller(app.test_client(), key).post("/api/ai-feedback", NOTE, headers=KEY).status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {202, 409}
    assert 202 in statuses
    assert notes(db) == 1


def test_a_request_whose_process_died_may_be_tried_again_after_a_minute(db: Stores, clock: SimulatedClock) -> None:
    with db.begin() as tx:
        assert Requests(tx.connection).claim("a", "k", "r", clock.now()) is None
    with pytest.raises(Exception, match="being carried out"), db.begin() as tx:
        Requests(tx.connection).claim("a", "k", "r", clock.now())
    with db.begin() as tx:
        assert Requests(tx.connection).claim("a", "k", "r", clock.now() + timedelta(minutes=1)) is None


@pytest.mark.parametrize("key", ["", "x" * 129, "a b", "\u00e9"])
def test_a_key_that_is_none_is_refused(approver: Caller, db: Stores, key: str) -> None:
    assert approver.post("/api/ai-feedback", NOTE, headers={"Idempotency-Key": key}).status_code == 422
    assert notes(db) == 0
