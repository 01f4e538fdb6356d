"""Two hundred hostile answers through the whole loop and a gate that passes everything: only valid values get in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from collectors.simulated import STARTING_VALUES, simulate
from core.parameters import Declaration
from storage.embedded.runtime import StoreUrls
from strategies import registry
from tests.support.hostile import hostile_answers
from tests.support.llm_server import LlmServer, Recorded, Reply
from tests.support.models import environment_of, misstating_the_win_rate, model, nothing
from tests.support.replaying import PASSING, Lived, Stage

pytestmark = [pytest.mark.slow, pytest.mark.integration, pytest.mark.timeout(3600)]

COUNT = 200
STRATEGIES = ("momentum_scalping", "market_making")
DECLARATIONS: dict[str, Declaration] = {f"{name}.BTCUSDT": registry.get(name).declaration for name in STRATEGIES}
CURRENT = {f"{name}.BTCUSDT": DECLARATIONS[f"{name}.BTCUSDT"].complete(STARTING_VALUES[name]) for name in STRATEGIES}
#: A day asks for proposals once and, while answers are bad, twice more: so many days hear all answers.
DAYS, START = 100, datetime(2025, 1, 3, tzinfo=UTC)


class Attacker:
    """Gives every hostile answer once, then nothing."""

    def __init__(self) -> None:
        self._answers = hostile_answers(20, COUNT, DECLARATIONS, CURRENT)
        self.given = 0

    def __call__(self, request: Recorded) -> Reply:
        answer = next(self._answers, None)
        if answer is None:
            return nothing(request)
        self.given += 1
        return answer[1]


@pytest.fixture(scope="module")
def attacker() -> Attacker:
    return Attacker()


@pytest.fixture(scope="module")
def server(attacker: Attacker) -> Iterator[LlmServer]:
    with LlmServer(model(proposals=attacker, reviews=misstating_the_win_rate)) as running:
        yield running


@pytest.fixture(scope="module")
def lived(
    server: LlmServer, stores: StoreUrls, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lived]:
    stage = Stage(StoreUrls(database_url, stores.redis_url), tmp_path_factory.mktemp("stage"))
    yield stage.live(
        simulate(DAYS, 4, ["BTCUSDT"]),
        START,
        gate=PASSING,
        environment=environment_of(server.url),
    )
    stage.close()


def test_all_answers_are_heard_and_no_job_fails(lived: Lived, attacker: Attacker) -> None:
    assert attacker.given == COUNT
    jobs = lived.document["jobs"]
    assert {name: runs["failed"] for name, runs in jobs.items()} == dict.fromkeys(jobs, 0)
    assert all(runs["due"] == runs["done"] for runs in jobs.values())


def test_each_answer_is_recorded_with_its_reason(lived: Lived, server: LlmServer) -> None:
    calls = lived.rows("SELECT purpose, status, reason, answer FROM llm_calls")
    assert len(calls) == lived.document["llm"]["calls"] == len(server.requests)
    assert {call.status for call in calls} & {"reserved"} == set()
    assert [call for call in calls if call.status != "ok" and not call.reason] == []
    assert sum(call.purpose == "daily_proposals" and call.status != "ok" for call in calls) > COUNT / 2


def test_only_values_that_the_model_said_and_the_declaration_allows_become_proposals(lived: Lived) -> None:
    proposals = lived.rows("SELECT * FROM proposals WHERE author = 'llm'")
    said = " ".join(row.answer for row in lived.rows("SELECT answer FROM llm_calls WHERE answer IS NOT NULL"))
    assert len(proposals) > 10
    for proposal in proposals:
        for change in proposal.changes:
            require_allowed(DECLARATIONS[proposal.instance_id], change)
            assert (
                f'"{change["parameter"]}": {change["to"]}' in said
                or f'"{change["parameter"]}": {change["to"]:g}' in said
            )


def require_allowed(declaration: Declaration, change: dict[str, Any]) -> None:
    """Check a change by other means than the code that made it."""
    assert change["parameter"] in declaration
    parameter = declaration[change["parameter"]]
    before, after = Decimal(repr(change["from"])), Decimal(repr(change["to"]))
    step = Decimal(repr(parameter.step))
    assert Decimal(repr(parameter.low)) <= after <= Decimal(repr(parameter.high))
    assert after % step == 0
    assert abs(after - before) <= max(Decimal(repr(parameter.max_change)) * abs(before), step) * Decimal("1.000001")


def test_what_waits_for_a_person_changes_no_parameter(lived: Lived) -> None:
    versions = lived.rows("SELECT instance_id, version, values FROM parameter_sets")
    assert {row.instance_id: row.values for row in versions} == CURRENT
    assert {row.version for row in versions} == {1}
    assert lived.value("SELECT count(*) FROM approvals") == 0
    assert {row.status for row in lived.rows("SELECT status FROM proposals")} <= {"awaiting_review", "superseded"}


def test_a_review_with_a_wrong_win_rate_is_marked_as_not_reconciling(lived: Lived) -> None:
    reviews = lived.rows("SELECT reconciled, discrepancies FROM reviews WHERE kind = 'daily' AND origin = 'llm'")
    assert len(reviews) > DAYS / 2
    assert {review.reconciled for review in reviews} == {False}
    assert all("99.7" in str(review.discrepancies) for review in reviews)
