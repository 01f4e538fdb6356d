"""One question from reservation to a checked value, with a row for every HTTP request."""

import json
from decimal import Decimal

import pytest
from pydantic import BaseModel, ConfigDict

from core.clock import SimulatedClock
from feedback.llm.budget import Budget, Caps
from feedback.llm.client import CallFailed, Usage
from feedback.llm.daily_proposals import adjustments_validator
from feedback.llm.ledger import MemoryLedger
from feedback.llm.null import NullClient
from feedback.llm.session import ask
from tests.support.llm import CURRENT, DECLARATIONS, NOON, ScriptedClient, answer, request

BTC, ETH = "momentum_scalping.BTCUSDT", "momentum_scalping.ETHUSDT"
GOOD = {"entry_threshold": 0.0045, "adjustments_reason": "F1", "confidence": 0.6}
BAD = {**GOOD, "entry_threshold": 7}


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    text: str


class Session:
    """`ask` with a scripted model, an empty ledger and no real pauses."""

    def __init__(self, *script, caps: Caps | None = None) -> None:
        self.client = ScriptedClient(list(script))
        self.ledger = MemoryLedger()
        self.budget = Budget(caps or Caps(), SimulatedClock(NOON))
        self.pauses: list[float] = []

    def ask(self, validate=Note.model_validate, *, repair=False, **changes):
        asked = request(**changes)
        return ask(self.client, self.ledger, self.budget, asked, validate, repair=repair, pause=self.pauses.append)

    @property
    def rows(self):
        return [(row.status, row.outcome.reason) for row in self.ledger.rows.values()]


def adjusting(adjustments):
    return answer(json.dumps({"adjustments": adjustments}))


def test_a_good_answer_is_taken_and_its_transcript_and_real_cost_are_kept():
    usage = Usage(1000, 200, 300)
    session = Session(answer('{"text": "ok"}', usage=usage, cost_usd=Decimal("0.002")))
    outcome = session.ask()
    assert (outcome.status, outcome.value, outcome.repaired) == ("ok", Note(text="ok"), False)
    assert outcome.cost_usd == Decimal("0.002") == session.ledger.spent(NOON)
    (row,) = session.ledger.rows.values()
    assert row.call.system == "Answer in json."
    assert json.loads(row.call.prompt) == [{"role": "user", "content": "F1 Win rate 50 %"}]
    assert row.call.reserved_usd == Decimal("0.01")
    assert (row.outcome.answer, row.outcome.usage, row.outcome.trace_id) == ('{"text": "ok"}', usage, "trace")


def test_a_rejected_answer_is_asked_again_with_its_errors_and_the_schema():
    session = Session(answer('{"txt": 1}'), answer('{"text": "ok"}'))
    outcome = session.ask(schema={"type": "object", "title": "note"})
    assert outcome.status == "ok"
    assert session.rows[0][0] == "rejected"
    assert session.rows[0][1].startswith("wrong_shape: text: Field required")
    told, complaint = session.client.asked[1].turns
    assert (told.role, told.text) == ("assistant", '{"txt": 1}')
    assert "txt: Extra inputs are not permitted" in complaint.text
    assert '"title": "note"' in complaint.text
    assert "json" in complaint.text


def test_after_two_re_asks_the_answer_is_unparsed_and_its_raw_text_kept():
    session = Session(answer("one"), answer("two"), answer("three\x00\ud800"), answer('{"text": "too late"}'))
    outcome = session.ask()
    assert (outcome.status, outcome.reason, outcome.value) == ("unparsed", "not_json", None)
    assert outcome.raw == "three\\u0000\\ud800"
    assert len(session.rows) == 3
    assert [row.outcome.answer for row in session.ledger.rows.values()] == ["one", "two", "three\\u0000\\ud800"]


def test_a_blank_answer_is_asked_again_without_quoting_it():
    session = Session(answer("   "), answer('{"text": "ok"}'))
    assert session.ask().status == "ok"
    (turn,) = session.client.asked[1].turns
    assert turn.role == "user"
    assert session.rows[0][1].startswith("blank")


def test_an_answer_cut_by_length_is_never_parsed_and_gets_more_room():
    session = Session(answer('{"text": "looks whole"}', finish_reason="length"), answer('{"text": "ok"}'))
    assert session.ask().value == Note(text="ok")
    assert [asked.max_tokens for asked in session.client.asked] == [1000, 2000]
    assert session.client.asked[1].turns == ()


@pytest.mark.parametrize("reason", ["insufficient_system_resource", "aborted", "tool_calls", "missing"])
def test_only_a_finished_answer_is_parsed(reason):
    session = Session(answer('{"text": "half"}', finish_reason=reason), answer('{"text": "ok"}'))
    assert session.ask().value == Note(text="ok")
    assert session.rows[0][1].startswith(f"finish_{reason}")


def test_refused_content_is_not_asked_for_again():
    session = Session(answer("", finish_reason="content_filter"))
    assert session.ask().reason == "finish_content_filter"


def test_narrative_may_be_repaired_and_is_marked_so():
    session = Session(answer('{"text": "cut'))
    outcome = session.ask(repair=True)
    assert (outcome.value, outcome.repaired, outcome.steps) == (Note(text="cut"), True, ("repaired",))


def test_without_permission_nothing_is_repaired():
    session = Session(*[answer('{"text": "cut')] * 3)
    assert session.ask().status == "unparsed"


def test_transient_failures_are_retried_twice_with_growing_pauses():
    busy = CallFailed("overloaded", http_status=503, retryable=True)
    session = Session(busy, busy, answer('{"text": "ok"}'))
    assert session.ask().status == "ok"
    assert [reason for _, reason in session.rows] == ["overloaded", "overloaded", ""]
    first, second = session.pauses
    assert 1 <= first <= 3
    assert 2 <= second <= 6


def test_the_third_transient_failure_is_final_and_costs_nothing():
    session = Session(*[CallFailed("overloaded", retryable=True)] * 4)
    outcome = session.ask()
    assert (outcome.status, outcome.reason, outcome.cost_usd) == ("failed", "overloaded", 0)
    assert len(session.rows) == 3


def test_a_final_failure_is_not_retried():
    session = Session(CallFailed("no_balance", http_status=402))
    assert session.ask().reason == "no_balance"
    assert session.pauses == []


def test_the_servers_word_on_waiting_is_kept_and_one_beyond_the_deadline_ends_it():
    session = Session(CallFailed("rate_limited", retryable=True, retry_after_s=9), answer('{"text": "ok"}'))
    assert session.ask().status == "ok"
    assert session.pauses == [9]
    late = Session(CallFailed("rate_limited", retryable=True, retry_after_s=60))
    assert late.ask(deadline_s=20).status == "failed"


def test_a_call_that_may_have_been_billed_costs_its_reservation():
    session = Session(CallFailed("deadline", billed=True))
    assert session.ask().cost_usd == Decimal("0.01") == session.ledger.spent(NOON)


def test_an_exhausted_budget_sends_nothing():
    session = Session(answer('{"text": "ok"}'), caps=Caps(call=Decimal("0.001")))
    outcome = session.ask()
    assert (outcome.status, session.client.asked, session.rows) == ("over_budget", [], [])


def test_a_budget_that_ends_between_re_asks_leaves_the_raw_text():
    rejected = answer("prose", cost_usd=Decimal("0.01"))
    session = Session(rejected, answer('{"text": "ok"}'), caps=Caps(job=Decimal("0.015")))
    outcome = session.ask()
    assert (outcome.status, outcome.reason, outcome.raw) == ("unparsed", "budget_exhausted", "prose")


def test_a_crash_during_the_call_leaves_the_reservation_counted():
    class Crash(BaseException):
        pass

    session = Session()
    session.client.complete = lambda _: (_ for _ in ()).throw(Crash())
    with pytest.raises(Crash):
        session.ask()
    assert [row.status for row in session.ledger.rows.values()] == ["reserved"]
    assert session.ledger.spent(NOON) == Decimal("0.01")


def test_without_a_model_nothing_is_asked():
    session = Session()
    session.client = NullClient()
    outcome = session.ask()
    assert (outcome.status, outcome.call_ids) == ("not_configured", ())


def test_each_request_gets_only_the_time_that_is_left():
    session = Session(answer("prose"), answer('{"text": "ok"}'))
    session.ask(deadline_s=5)
    first, second = (asked.deadline_s for asked in session.client.asked)
    assert 5 >= first >= second > 4


validate = adjustments_validator(DECLARATIONS, CURRENT)


def test_a_refused_adjustment_is_asked_again_and_the_correction_is_taken():
    session = Session(adjusting({BTC: BAD}), adjusting({BTC: GOOD}))
    outcome = session.ask(validate)
    assert outcome.status == "ok"
    assert [a.changes for a in outcome.value.adjustments] == [{"entry_threshold": 0.0045}]
    assert session.rows[0][1].startswith("out_of_bounds: momentum_scalping.BTCUSDT.entry_threshold")
    assert "outside 0.001 to 0.02" in session.client.asked[1].turns[1].text


def test_what_is_valid_survives_an_instance_that_never_is():
    session = Session(*[adjusting({BTC: BAD, ETH: GOOD})] * 3)
    outcome = session.ask(validate)
    assert outcome.status == "partial"
    assert [a.instance_id for a in outcome.value.adjustments] == [ETH]
    assert [r.code for r in outcome.value.refusals] == ["out_of_bounds"]
    assert [status for status, _ in session.rows] == ["rejected"] * 3


def test_a_valid_part_survives_later_garbage():
    session = Session(adjusting({BTC: BAD, ETH: GOOD}), answer("prose"), answer("prose"))
    assert [a.instance_id for a in session.ask(validate).value.adjustments] == [ETH]


def test_proposals_are_never_repaired():
    cut = '{"adjustments": {"momentum_scalping.BTCUSDT": {"adjustments_reason": "F1", "entry_threshold": 0.004'
    session = Session(*[answer(cut)] * 3)
    outcome = session.ask(validate)
    assert (outcome.status, outcome.value) == ("unparsed", None)
