"""Two hundred days of hostile answers through the whole loop, with a gate that passes everything."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.clock import SimulatedClock
from core.learning import ProposalStatus
from feedback.cycles import judge
from feedback.facts import day_facts
from feedback.llm.budget import Budget, Caps
from feedback.llm.deepseek import DEEPSEEK
from feedback.llm.openai_compatible import ChatClient
from feedback.loop import Loop, Model
from feedback.proposals import draft_by_model
from feedback.review import write_review
from storage.stores import Stores
from tests.support.hostile import hostile_answers
from tests.support.journal import flat_bars, keep_bars
from tests.support.llm_server import LlmServer
from tests.support.loop import made_loop

pytestmark = pytest.mark.integration

DAYS = 200
START = datetime(2026, 1, 1, 15, tzinfo=UTC)
WIDE = Caps(Decimal(10_000), Decimal(10_000), Decimal(10_000), Decimal(10_000))


@pytest.fixture
def db(database_url: str, redis_url: str) -> Iterator[Stores]:
    opened = Stores(database_url, redis_url)
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer() as running:
        yield running


def on_day(loop: Loop, server: LlmServer, number: int) -> Loop:
    """The loop five minutes after the end of day `number`."""
    clock = SimulatedClock(START + timedelta(days=number + 1, minutes=5))
    client = ChatClient(DEEPSEEK, server.url, "deepseek-flash", "key", clock=clock)
    return replace(loop, clock=clock, model=Model(client, Budget(WIDE, clock, loop.zone), pause=lambda _: None))


def test_hostile_answers_leave_only_legal_proposals_and_change_no_parameter(db: Stores, server: LlmServer) -> None:
    loop = made_loop(db, START)
    keep_bars(db, flat_bars(START, 1440))
    facts = day_facts(on_day(loop, server, 0), date(2026, 1, 2))
    assert facts.judgeable
    with db.begin() as tx:
        current = {instance.id: tx.parameters.current(instance.id) for instance in tx.instances.list()}
    values = {name: parameters.values for name, parameters in current.items()}
    for number, (family, reply) in enumerate(hostile_answers(3, DAYS, loop.declarations, values)):
        today, day = on_day(loop, server, number), facts.day + timedelta(days=number)
        server.default = lambda _, reply=reply: reply
        if number % 5 == 0:
            assert write_review(today, "daily", replace(facts, day=day)).review.origin == "rules", family
        judge(today, draft_by_model(today, replace(facts, day=day)))
    with db.begin() as tx:
        for name, before in current.items():
            assert tx.parameters.current(name) == before
        proposals = tx.proposals.list(limit=10_000)
        rows = tx.connection.execute(text("SELECT status, reason FROM llm_calls")).all()
    assert proposals, "some families carry one honest adjustment beside the hostile one"
    for proposal in proposals:
        assert proposal.status is not ProposalStatus.DRAFT
        declaration = loop.declarations[proposal.instance_id]
        for change in proposal.changes:
            parameter = declaration[change.parameter]
            assert parameter.low <= change.after <= parameter.high
            assert parameter.round(change.after) == change.after
            assert abs(change.after - change.before) <= parameter.largest_change(change.before) * 1.000001
    assert len(rows) > DAYS
    assert {row.status for row in rows} <= {"ok", "rejected", "failed"}
    assert all(row.reason for row in rows if row.status != "ok")
