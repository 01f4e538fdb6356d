"""Decisions on proposals: bound to a digest and a base, atomic, and proven by read-back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import redis

from core.clock import SimulatedClock
from core.errors import BaseMoved, Conflict, DigestMoved, Forbidden, IllegalMove, InvalidInput, NotFound, OutOfBounds
from core.learning import Change, Proposal, ProposalStatus, SeenWindow
from core.parameters import ParameterSet
from core.trading import Policy
from feedback import approval, rollout
from feedback.approval import Approvals
from feedback.loop import Loop
from feedback.policy import apply_by_policy
from storage.queries.rollout import is_any_in_transit
from storage.stores import Stores
from tests.support.journal import MOMENTUM
from tests.support.loop import made_loop

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 3, 15, 5, tzinfo=UTC)
S = ProposalStatus


@pytest.fixture
def loop(db: Stores) -> Loop:
    return made_loop(db, NOW)


@pytest.fixture
def approvals(loop: Loop) -> Approvals:
    return loop.approvals


def waiting(
    loop: Loop, name: str, *, steps: int = 1, parameter: str = "stop_loss", status: ProposalStatus = S.AWAITING_REVIEW
) -> Proposal:
    """A stored proposal that moves `parameter` by so many steps from the version in force."""
    with loop.stores.begin() as tx:
        base = tx.parameters.current(MOMENTUM.id)
        declared = loop.declarations[MOMENTUM.id][parameter]
        before = base.values[parameter]
        after = round(before + steps * declared.step, 10)
        proposal = Proposal(
            id=name,
            instance_id=MOMENTUM.id,
            base_version=base.version,
            changes=(Change(parameter, before, after, "Because."),),
            author="llm",
            reason="Because.",
            seen=SeenWindow(NOW - timedelta(days=30), NOW),
            created_at=NOW,
            expires_at=NOW + timedelta(days=7),
            status=status,
        )
        tx.proposals.add(proposal)
    return proposal


def status_of(loop: Loop, name: str) -> ProposalStatus:
    with loop.stores.begin() as tx:
        return tx.proposals.get(name).status


def current(loop: Loop) -> ParameterSet:
    with loop.stores.begin() as tx:
        return tx.parameters.current(MOMENTUM.id)


def acknowledge(loop: Loop, digest: str | None = None) -> None:
    """What the strategy does once its step reads the version in force."""
    read = current(loop)
    with loop.stores.begin() as tx:
        tx.parameters.acknowledge(MOMENTUM.id, read.version, digest or read.digest, NOW)


def test_an_approval_commits_publishes_and_is_journaled(loop: Loop, approvals: Approvals) -> None:
    proposal = waiting(loop, "p1")
    assert approvals.approve("p1", proposal.digest, "minji", "looks right").status is S.APPROVED
    now = current(loop)
    assert (now.version, now.author, now.proposal_id) == (2, "llm", "p1")
    assert now.values["stop_loss"] == proposal.changes[0].after
    assert loop.stores.hot.read(MOMENTUM.id) == now
    with loop.stores.begin() as tx:
        (decided,) = tx.proposals.approvals("p1")
        assert (decided.action, decided.actor, decided.note) == ("approve", "minji", "looks right")
        assert [row.action for row in tx.audit.list()] == ["proposal.approve"]
        assert tx.audit.verify() == (True, None)


def test_another_digest_changes_nothing(loop: Loop, approvals: Approvals) -> None:
    waiting(loop, "p1")
    for decide in (approvals.approve, approvals.decline):
        with pytest.raises(DigestMoved):
            decide("p1", "0" * 64, "minji", "")
    assert (status_of(loop, "p1"), current(loop).version) == (S.AWAITING_REVIEW, 1)


def test_a_base_that_moved_on_expires_the_proposal(loop: Loop, approvals: Approvals) -> None:
    first, second = waiting(loop, "p1"), waiting(loop, "p2", steps=2)
    approvals.approve("p1", first.digest, "minji")
    with pytest.raises(BaseMoved):
        approvals.approve("p2", second.digest, "minji")
    assert (status_of(loop, "p2"), current(loop).version) == (S.EXPIRED, 2)


def test_what_the_gate_refused_needs_a_typed_reason(loop: Loop, approvals: Approvals) -> None:
    proposal = waiting(loop, "p1", status=S.REFUSED)
    with pytest.raises(Forbidden):
        approvals.approve("p1", proposal.digest, "minji", "yes")
    with pytest.raises(InvalidInput):
        approvals.override("p1", proposal.digest, "minji", "  because ")
    approvals.override("p1", proposal.digest, "minji", "The feed was broken in those weeks.")
    with loop.stores.begin() as tx:
        assert [(a.action, a.note) for a in tx.proposals.approvals("p1")] == [
            ("override", "The feed was broken in those weeks.")
        ]
    assert status_of(loop, "p1") is S.APPROVED


@pytest.mark.parametrize("status", [S.DRAFT, S.UNDECIDED, S.DECLINED, S.EXPIRED, S.APPROVED, S.KEPT])
def test_only_what_the_gate_passed_can_be_approved(loop: Loop, approvals: Approvals, status: ProposalStatus) -> None:
    proposal = waiting(loop, "p1", status=status)
    with pytest.raises(IllegalMove):
        approvals.approve("p1", proposal.digest, "minji")
    assert current(loop).version == 1


def test_a_proposal_past_its_date_cannot_be_approved(loop: Loop) -> None:
    proposal = waiting(loop, "p1")
    late = replace(loop.approvals, clock=SimulatedClock(NOW + timedelta(days=7)))
    with pytest.raises(Conflict, match="expired"):
        late.approve("p1", proposal.digest, "minji")
    assert current(loop).version == 1


def test_an_observed_instance_is_never_changed(loop: Loop, approvals: Approvals) -> None:
    proposal = waiting(loop, "p1")
    with loop.stores.begin() as tx:
        tx.instances.set_policy(MOMENTUM.id, Policy.OBSERVE)
    with pytest.raises(Forbidden, match="observed"):
        approvals.approve("p1", proposal.digest, "minji")


def test_what_is_committed_is_checked_against_the_declaration_once_more(loop: Loop, approvals: Approvals) -> None:
    proposal = waiting(loop, "p1", steps=10_000)
    with pytest.raises(OutOfBounds):
        approvals.approve("p1", proposal.digest, "minji")
    assert (status_of(loop, "p1"), current(loop).version) == (S.AWAITING_REVIEW, 1)


def test_a_declined_proposal_is_closed(loop: Loop, approvals: Approvals) -> None:
    proposal = waiting(loop, "p1")
    assert approvals.decline("p1", proposal.digest, "minji", "not now").status is S.DECLINED
    with pytest.raises(IllegalMove):
        approvals.decline("p1", proposal.digest, "minji", "")


def together(*calls: Callable[[], object]) -> list[object]:
    """The results of calls made at one moment; errors of ours in their place."""
    barrier = Barrier(len(calls))

    def one(call: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return call()
        except Conflict as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_people_who_approve_at_once_one_wins(loop: Loop, approvals: Approvals, attempt: int) -> None:
    digest = waiting(loop, "p1").digest
    results = together(*[lambda: approvals.approve("p1", digest, "a")] * 2)
    assert sum(isinstance(result, Proposal) for result in results) == 1
    assert sum(isinstance(result, IllegalMove) for result in results) == 1
    assert current(loop).version == 2
    with loop.stores.begin() as tx:
        assert len(tx.proposals.approvals("p1")) == 1


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_proposals_on_one_base_one_wins_and_the_other_expires(
    loop: Loop, approvals: Approvals, attempt: int
) -> None:
    one, other = waiting(loop, "p1").digest, waiting(loop, "p2", steps=2).digest
    together(lambda: approvals.approve("p1", one, "a"), lambda: approvals.approve("p2", other, "b"))
    assert sorted([status_of(loop, "p1"), status_of(loop, "p2")]) == [S.APPROVED, S.EXPIRED]
    assert current(loop).version == 2


@pytest.mark.parametrize("attempt", range(5))
def test_approving_against_declining_ends_in_one_state(loop: Loop, approvals: Approvals, attempt: int) -> None:
    digest = waiting(loop, "p1").digest
    together(lambda: approvals.approve("p1", digest, "a"), lambda: approvals.decline("p1", digest, "b", ""))
    assert (status_of(loop, "p1"), current(loop).version) in {(S.APPROVED, 2), (S.DECLINED, 1)}


def test_applied_only_after_the_strategy_reads_exactly_these_values(loop: Loop, approvals: Approvals) -> None:
    approvals.approve("p1", waiting(loop, "p1").digest, "minji")
    assert rollout.watch(loop.stores, NOW) == []
    acknowledge(loop, digest="0" * 64)
    assert rollout.watch(loop.stores, NOW) == []
    assert status_of(loop, "p1") is S.APPROVED
    acknowledge(loop)
    assert rollout.watch(loop.stores, NOW) == ["p1"]
    assert status_of(loop, "p1") is S.PROBATION
    with loop.stores.begin() as tx:
        (probation,) = tx.probations.running()
        assert (probation.old_version, probation.new_version, probation.outcome) == (1, 2, None)
    assert rollout.watch(loop.stores, NOW) == []


def test_rollback_returns_to_any_version_as_a_new_one(loop: Loop, approvals: Approvals) -> None:
    for number in (1, 2, 3):
        approvals.approve(f"p{number}", waiting(loop, f"p{number}").digest, "minji")
        acknowledge(loop)
        rollout.watch(loop.stores, NOW)
    assert [status_of(loop, f"p{n}") for n in (1, 2, 3)] == [S.SUPERSEDED, S.SUPERSEDED, S.PROBATION]
    for version in (2, 1, 3):
        following = approvals.rollback(MOMENTUM.id, version, "minji", "worse")
        with loop.stores.begin() as tx:
            assert following.values == tx.parameters.at(MOMENTUM.id, version).values
        assert loop.stores.hot.read(MOMENTUM.id) == following
    assert current(loop).version == 7
    assert status_of(loop, "p3") is S.ROLLED_BACK
    with loop.stores.begin() as tx:
        assert tx.probations.running() == []
        assert tx.audit.verify() == (True, None)


def test_rollback_to_what_is_in_force_or_unknown_is_refused(loop: Loop, approvals: Approvals) -> None:
    with pytest.raises(Conflict):
        approvals.rollback(MOMENTUM.id, 1, "minji")
    with pytest.raises(NotFound):
        approvals.rollback(MOMENTUM.id, 9, "minji")


def test_a_rollback_before_the_read_back_undoes_what_was_approved(loop: Loop, approvals: Approvals) -> None:
    approvals.approve("p1", waiting(loop, "p1").digest, "minji")
    approvals.rollback(MOMENTUM.id, 1, "minji")
    acknowledge(loop)
    assert rollout.watch(loop.stores, NOW) == []
    assert status_of(loop, "p1") is S.ROLLED_BACK


def test_what_was_committed_but_not_published_is_published_by_the_watch(
    loop: Loop, approvals: Approvals, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(approval, "publish", lambda *_: False)
        approvals.approve("p1", waiting(loop, "p1").digest, "minji")
    assert loop.stores.hot.read(MOMENTUM.id) is None
    rollout.watch(loop.stores, NOW)
    assert loop.stores.hot.read(MOMENTUM.id) == current(loop)


def test_a_crash_between_commit_and_proof_loses_nothing(loop: Loop, approvals: Approvals) -> None:
    approvals.approve("p1", waiting(loop, "p1").digest, "minji")
    acknowledge(loop)
    with loop.stores.begin() as tx:
        tx.proposals.move("p1", S.APPLIED, NOW)
    assert rollout.watch(loop.stores, NOW) == ["p1"]
    assert status_of(loop, "p1") is S.PROBATION
    with loop.stores.begin() as tx:
        assert len(tx.probations.running()) == 1


def test_a_wiped_redis_is_written_anew(loop: Loop, approvals: Approvals, redis_url: str) -> None:
    approvals.approve("p1", waiting(loop, "p1").digest, "minji")
    redis.Redis.from_url(redis_url).flushall()
    assert loop.stores.hot.read(MOMENTUM.id) is None
    rollout.republish(loop.stores)
    assert loop.stores.hot.read(MOMENTUM.id) == current(loop)


def test_a_change_is_in_flight_until_it_is_proven(loop: Loop, approvals: Approvals) -> None:
    acknowledge(loop)
    with loop.stores.begin() as tx:
        tx.instances.set_running("market_making.ETHUSDT", False)
    approvals.approve("p1", waiting(loop, "p1").digest, "minji")
    with loop.stores.begin() as tx:
        assert is_any_in_transit(tx.connection)
    acknowledge(loop)
    rollout.watch(loop.stores, NOW)
    with loop.stores.begin() as tx:
        tx.parameters.acknowledge(
            "market_making.ETHUSDT", 1, tx.parameters.current("market_making.ETHUSDT").digest, NOW
        )
        assert not is_any_in_transit(tx.connection)


def risk_parameter(loop: Loop) -> str:
    return next(name for name, parameter in loop.declarations[MOMENTUM.id].items() if parameter.risk == "up")


def test_the_policy_applies_only_what_takes_no_more_risk_and_once_a_day(loop: Loop) -> None:
    with loop.stores.begin() as tx:
        tx.instances.set_policy(MOMENTUM.id, Policy.AUTO)
    name = risk_parameter(loop)
    waiting(loop, "riskier", parameter=name, steps=1)
    waiting(loop, "calmer", parameter=name, steps=-1)
    assert apply_by_policy(loop, ["riskier", "calmer"]) == ["calmer"]
    waiting(loop, "again", parameter=name, steps=-1)
    assert apply_by_policy(loop, ["again"]) == []
    tomorrow = replace(loop, clock=SimulatedClock(NOW + timedelta(days=1)))
    assert apply_by_policy(tomorrow, ["again"]) == ["again"]


def test_without_the_policy_nothing_is_applied(loop: Loop) -> None:
    waiting(loop, "calmer", parameter=risk_parameter(loop), steps=-1)
    assert apply_by_policy(loop, ["calmer"]) == []
    assert status_of(loop, "calmer") is S.AWAITING_REVIEW
