"""Proposals and the moves that races may not double."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from core.errors import IllegalMove, NotFound
from core.learning import Check, Proposal, ProposalStatus, Verdict
from storage.stores import Stores
from tests.support.rows import MINUTE, NOON, proposal

pytestmark = pytest.mark.integration
S = ProposalStatus


def add(stores: Stores, *proposals: Proposal) -> None:
    with stores.begin() as tx:
        for one in proposals:
            tx.proposals.add(one)


def test_a_proposal_comes_back_with_the_digest_it_went_in_with(db: Stores) -> None:
    add(db, proposal("p1"))
    with db.begin() as tx:
        stored = tx.proposals.get("p1")
        assert tx.proposals.lock("p1") == stored == proposal("p1")
        assert stored.digest == proposal("p1").digest
        with pytest.raises(NotFound):
            tx.proposals.get("p2")


def test_a_move_is_checked_and_leaves_its_note_and_version(db: Stores) -> None:
    add(db, proposal("p1", status=S.APPROVED))
    with db.begin() as tx:
        assert tx.proposals.applied_version("p1") is None
        assert tx.proposals.move("p1", S.APPLIED, NOON, applied_version=2).status is S.APPLIED
        assert tx.proposals.move("p1", S.PROBATION, NOON, note="watched").note == "watched"
        assert tx.proposals.applied_version("p1") == 2
        with pytest.raises(IllegalMove, match="probation cannot become draft"):
            tx.proposals.move("p1", S.DRAFT, NOON)
        with pytest.raises(NotFound):
            tx.proposals.move("p2", S.APPLIED, NOON)


def test_of_many_racing_moves_exactly_one_happens(db: Stores) -> None:
    add(db, proposal("p1", status=S.AWAITING_REVIEW))
    together = Barrier(4)

    def race(to: ProposalStatus) -> ProposalStatus | None:
        together.wait()
        try:
            with db.begin() as tx:
                return tx.proposals.move("p1", to, NOON).status
        except IllegalMove:
            return None

    with ThreadPoolExecutor(4) as pool:
        moved = [m for m in pool.map(race, [S.APPROVED, S.DECLINED, S.APPROVED, S.DECLINED]) if m]
    with db.begin() as tx:
        assert [tx.proposals.get("p1").status] == moved


def test_lists_are_filtered_newest_first(db: Stores) -> None:
    newer = replace(proposal("b", status=S.REFUSED), created_at=NOON + MINUTE)
    other = replace(proposal("c"), instance_id="x", created_at=NOON + 2 * MINUTE)
    add(db, proposal("a"), newer, other)
    with db.begin() as tx:
        assert [p.id for p in tx.proposals.list()] == ["c", "b", "a"]
        assert [p.id for p in tx.proposals.list(status=S.DRAFT)] == ["c", "a"]
        assert [p.id for p in tx.proposals.list(instance_id="x")] == ["c"]
        assert [p.id for p in tx.proposals.list(limit=1)] == ["c"]


def test_in_flight_is_what_was_approved_and_is_not_settled(db: Stores) -> None:
    add(db, *(proposal(status, status=status) for status in S))
    with db.begin() as tx:
        found = {p.status for p in tx.proposals.in_flight(proposal("x").instance_id)}
    assert found == {S.APPROVED, S.APPLIED, S.PROBATION, S.CANARY}


def test_the_last_proposal_on_a_parameter_is_found_by_name_and_status(db: Stores) -> None:
    refused = replace(proposal("late", status=S.REFUSED), created_at=NOON + MINUTE)
    add(db, proposal("early", status=S.KEPT), refused, replace(proposal("draft"), created_at=NOON + 2 * MINUTE))
    where = proposal("x").instance_id
    with db.begin() as tx:
        assert getattr(tx.proposals.last_on(where, ["entry_threshold", "other"]), "id", None) == "late"
        assert getattr(tx.proposals.last_on(where, ["entry_threshold"], [S.KEPT]), "id", None) == "early"
        assert tx.proposals.last_on(where, ["stop_loss"]) is None
        assert tx.proposals.last_on("elsewhere", ["entry_threshold"]) is None


def test_only_what_waits_for_somebody_expires(db: Stores) -> None:
    add(db, *(proposal(status, status=status) for status in S))
    with db.begin() as tx:
        assert tx.proposals.expire_due(NOON) == []
        assert tx.proposals.expire_due(NOON + timedelta(days=3)) == ["awaiting_review", "draft", "undecided"]
        assert tx.proposals.get("refused").status is S.REFUSED


def test_the_newest_verdict_counts_and_approvals_pile_up(db: Stores) -> None:
    add(db, proposal("p1"))
    first = Verdict("reject", (Check("trades", False, 3.0, 100.0, "Too few trades."),), "No.")
    second = Verdict("approve", (), "Yes.", p_value=0.01, ci=(0.1, 0.2), paired={"days": ["2026-11-01"]})
    with db.begin() as tx:
        assert (tx.proposals.verdict("p1"), tx.proposals.paired("p1")) == (None, {})
        tx.proposals.add_verdict("p1", first, NOON)
        tx.proposals.add_verdict("p1", second, NOON)
        assert tx.proposals.verdict("p1") == second.as_document()
        assert tx.proposals.paired("p1") == second.paired
        tx.proposals.add_approval("p1", "approve", proposal("p1").digest, "anna", "fine", NOON)
        assert [(a.action, a.actor, a.at) for a in tx.proposals.approvals("p1")] == [("approve", "anna", NOON)]
