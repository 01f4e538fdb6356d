"""A person's own change goes the same way as any other."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InvalidInput, OutOfBounds, UnknownName
from core.learning import ProposalStatus
from feedback import person
from feedback.gate.gate import Gate
from feedback.loop import Loop
from storage.stores import Stores
from tests.support.journal import MOMENTUM, flat_bars, keep_bars
from tests.support.loop import made_loop

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 3, 15, 5, tzinfo=UTC)


@pytest.fixture
def loop(db: Stores) -> Loop:
    keep_bars(db, flat_bars(NOW - timedelta(days=3), 3 * 1440))
    return made_loop(db, NOW)


def one_step_up(loop: Loop) -> float:
    parameter = loop.declarations[MOMENTUM.id]["stop_loss"]
    return parameter.round(parameter.default + parameter.step)


def test_it_is_judged_at_once_and_waits_for_an_approval(loop: Loop) -> None:
    entered = person.propose(loop, MOMENTUM.id, {"stop_loss": one_step_up(loop)}, reason="wider", actor="minji")
    assert (entered.author, entered.status) == ("person", ProposalStatus.AWAITING_REVIEW)
    assert loop.approvals.approve(entered.id, entered.digest, "minji").status is ProposalStatus.APPROVED


def test_the_standard_gate_says_when_three_days_are_too_few(db: Stores) -> None:
    keep_bars(db, flat_bars(NOW - timedelta(days=3), 3 * 1440))
    loop = made_loop(db, NOW, gate=Gate())
    entered = person.propose(loop, MOMENTUM.id, {"stop_loss": one_step_up(loop)}, reason="wider", actor="minji")
    assert entered.status is ProposalStatus.UNDECIDED
    with db.begin() as tx:
        verdict = tx.proposals.verdict(entered.id)
    assert verdict is not None
    assert verdict["decision"] == "insufficient_data"
    assert all(check["line"] for check in verdict["checks"])


@pytest.mark.parametrize(
    ("values", "error"),
    [({"stop_los": 0.01}, UnknownName), ({"stop_loss": 9.0}, OutOfBounds), ({}, InvalidInput)],
)
def test_what_is_not_a_legal_change_is_refused_and_leaves_nothing(
    loop: Loop, values: dict[str, float], error: type[InvalidInput]
) -> None:
    with pytest.raises(error):
        person.propose(loop, MOMENTUM.id, values, reason="", actor="minji")
    with loop.stores.begin() as tx:
        assert tx.proposals.list() == []
