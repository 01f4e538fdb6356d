"""Approve, decline, override, roll back, enter an own change: bound to the digest, journaled, published."""

import pytest

from core.learning import ProposalStatus
from core.parameters import ParameterSet
from storage.stores import Stores
from tests.integration.api.conftest import VALUES
from tests.support.api import Caller
from tests.support.rows import NOON, proposal

pytestmark = pytest.mark.integration
BTC = "momentum_scalping.BTCUSDT"
DIGEST = proposal("p-1").digest


@pytest.fixture
def waiting(db: Stores) -> Stores:
    """A proposal that the gate passed waits for a person."""
    with db.begin() as tx:
        tx.proposals.add(proposal("p-1"))
        tx.proposals.move("p-1", ProposalStatus.AWAITING_REVIEW, NOON)
    return db


def current(db: Stores) -> ParameterSet:
    with db.begin() as tx:
        return tx.parameters.current(BTC)


def test_an_approval_commits_and_publishes_the_next_version(approver: Caller, waiting: Stores) -> None:
    answered = approver.post("/api/proposals/p-1/approve", {"digest": DIGEST, "note": "Looks right."})
    assert answered.status_code == 200
    found = answered.json or {}
    assert (found["status"], found["applied_version"]) == ("approved", 2)
    assert [(one["action"], one["actor"], one["note"]) for one in found["approvals"]] == [
        ("approve", "key:approve", "Looks right.")
    ]
    assert current(waiting).values["entry_threshold"] == 0.005
    published = waiting.hot.read(BTC)
    assert published is not None
    assert (published.version, published.digest) == (2, current(waiting).digest)


def test_a_second_approval_is_a_conflict_and_changes_nothing(approver: Caller, waiting: Stores) -> None:
    approver.post("/api/proposals/p-1/approve", {"digest": DIGEST})
    assert approver.post("/api/proposals/p-1/approve", {"digest": DIGEST}).status_code == 409
    assert current(waiting).version == 2


def test_another_digest_is_a_conflict_and_changes_nothing(approver: Caller, waiting: Stores) -> None:
    for action in ("approve", "decline"):
        answered = approver.post(f"/api/proposals/p-1/{action}", {"digest": "0" * 64})
        assert (answered.status_code, (answered.json or {})["error"]["code"]) == (409, "digest_moved")
    assert current(waiting).version == 1


def test_a_moved_base_is_a_conflict_and_expires_the_proposal(approver: Caller, waiting: Stores) -> None:
    with waiting.begin() as tx:
        tx.parameters.commit(BTC, 1, {**VALUES, "stop_loss": 0.012}, "person", None, "", NOON)
    answered = approver.post("/api/proposals/p-1/approve", {"digest": DIGEST})
    assert (answered.status_code, (answered.json or {})["error"]["code"]) == (409, "base_moved")
    assert (approver.get("/api/proposals/p-1").json or {})["status"] == "expired"


def test_a_declined_proposal_stays_readable_and_final(approver: Caller, waiting: Stores) -> None:
    assert (approver.post("/api/proposals/p-1/decline", {"digest": DIGEST}).json or {})["status"] == "declined"
    assert approver.post("/api/proposals/p-1/approve", {"digest": DIGEST}).status_code == 409
    assert current(waiting).version == 1


def test_what_the_gate_refused_needs_an_override_with_a_reason(
    approver: Caller, controller: Caller, db: Stores
) -> None:
    with db.begin() as tx:
        tx.proposals.add(proposal("p-1"))
        tx.proposals.move("p-1", ProposalStatus.REFUSED, NOON)
    assert approver.post("/api/proposals/p-1/approve", {"digest": DIGEST}).status_code == 403
    override = "/api/proposals/p-1/override"
    assert controller.post(override, {"digest": DIGEST, "note": "why"}).status_code == 422
    assert controller.post(override, {"digest": DIGEST, "note": "The gate saw the wrong days."}).status_code == 200


def test_a_rollback_returns_to_the_values_as_a_new_version(approver: Caller, waiting: Stores) -> None:
    approver.post("/api/proposals/p-1/approve", {"digest": DIGEST})
    answered = approver.post(f"/api/strategies/{BTC}/rollback", {"to_version": 1, "note": "worse"})
    assert answered.status_code == 200
    assert (answered.json or {})["version"] == 3
    assert current(waiting).values == VALUES
    assert approver.post(f"/api/strategies/{BTC}/rollback", {"to_version": 1}).status_code == 409
    assert approver.post(f"/api/strategies/{BTC}/rollback", {"to_version": 9}).status_code == 404


def test_an_own_change_becomes_a_draft_proposal_of_a_person(approver: Caller, db: Stores) -> None:
    answered = approver.post(f"/api/strategies/{BTC}/parameters", {"values": {"stop_loss": 0.012}, "reason": "calmer"})
    assert answered.status_code == 202
    found = answered.json or {}
    assert (found["author"], found["status"], found["base_version"]) == ("person", "draft", 1)
    assert [(one["parameter"], one["to"]) for one in found["changes"]] == [("stop_loss", 0.012)]
    assert current(db).version == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [({"stop_los": 0.01}, "unknown_name"), ({"stop_loss": 99}, "out_of_bounds"), (dict(VALUES), "invalid_input")],
)
def test_an_own_change_obeys_the_declaration(approver: Caller, values: dict[str, float], code: str) -> None:
    answered = approver.post(f"/api/strategies/{BTC}/parameters", {"values": values})
    assert (answered.status_code, (answered.json or {})["error"]["code"]) == (422, code)


def test_the_policy_is_a_command(controller: Caller) -> None:
    answered = controller.post(f"/api/strategies/{BTC}/policy", {"policy": "auto"})
    assert answered.status_code == 202
    found = controller.get((answered.json or {})["url"]).json or {}
    assert (found["kind"], found["instance_id"]) == ("policy", BTC)
