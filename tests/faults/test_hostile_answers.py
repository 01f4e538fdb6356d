"""Two hundred hostile answers climb the whole ladder, through HTTP, and leave nothing behind but reasons."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from core.clock import SimulatedClock
from feedback.llm.adjustments import Adjustment
from feedback.llm.answers import ReviewAnswer
from feedback.llm.budget import Budget, Caps
from feedback.llm.daily_proposals import Proposed, adjustments_validator
from feedback.llm.deepseek import DEEPSEEK
from feedback.llm.ledger import MemoryLedger
from feedback.llm.openai_compatible import ChatClient
from feedback.llm.session import Outcome, ask
from tests.support.hostile import FAMILIES, INJECTIONS, hostile_answers
from tests.support.llm import CURRENT, DECLARATIONS, NOON, request
from tests.support.llm_server import LlmServer, Reply, ok

COUNT = 200
WIDE = Caps(Decimal(1000), Decimal(1000), Decimal(1000), Decimal(1000))
#: Families none of whose answers may give anything, however good their other parts look.
BARREN = {
    "not_a_json_number",
    "extra_keys",
    "wrong_structure",
    "cut_off",
    "cut_and_said_so",
    "in_prose",
    "twice_the_key",
    "too_deep",
    "too_much",
    "too_many_changes",
    "nothing",
    "broken_server",
}
#: Families in which another instance's adjustment may be beyond reproach and is kept.
FERTILE = {"out_of_bounds", "wrong_type", "off_step", "unknown_parameter", "unknown_instance"}


class Trial:
    """One hostile answer, given to the question and to both re-asks."""

    def __init__(self, server: LlmServer, reply: Reply) -> None:
        self.ledger = MemoryLedger()
        self._server = server
        self._server.default = lambda _: reply
        self._client = ChatClient(DEEPSEEK, server.url, "deepseek-flash", "key", clock=SimulatedClock(NOON))
        self._budget = Budget(WIDE, SimulatedClock(NOON))

    def ask(self, validate, *, repair: bool) -> Outcome:
        return ask(self._client, self.ledger, self._budget, request(), validate, repair=repair, pause=lambda _: None)


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with LlmServer() as running:
        yield running


def test_no_hostile_answer_gives_an_adjustment_that_breaks_a_bound(server):
    validate = adjustments_validator(DECLARATIONS, CURRENT)
    given: set[str] = set()
    for family, reply in hostile_answers(7, COUNT, DECLARATIONS, CURRENT):
        trial = Trial(server, reply)
        outcome: Outcome[Proposed] = trial.ask(validate, repair=False)
        adjustments = outcome.value.adjustments if outcome.value else ()
        for adjustment in adjustments:
            require_harmless(adjustment)
            given.add(family)
        require_reasons(trial.ledger)
        assert not outcome.repaired
        if family in BARREN:
            assert not adjustments, (family, reply)
            assert outcome.status in ("unparsed", "failed")
    assert given >= FERTILE


def test_no_hostile_answer_gets_a_dangerous_character_into_a_review(server):
    for _, reply in hostile_answers(11, COUNT // 2, DECLARATIONS, CURRENT):
        trial = Trial(server, reply)
        outcome = trial.ask(ReviewAnswer.model_validate, repair=True)
        require_reasons(trial.ledger)
        assert outcome.value is None
        outcome.raw.encode()
        assert "\x00" not in outcome.raw


def test_hostile_words_in_a_review_are_shown_as_plain_text(server):
    for injection in INJECTIONS:
        words = injection.replace("\ud800", "")  # a lone surrogate alone is enough to be rejected
        trial = Trial(server, ok({"summary": [{"text": words, "facts": []}], "strategy_evaluation": {words: words}}))
        review: ReviewAnswer = trial.ask(ReviewAnswer.model_validate, repair=True).value
        assert review.summary[0].text.isprintable()
        assert all(name.isprintable() for name in review.strategy_evaluation)


def test_the_generator_covers_every_family_and_repeats_by_its_seed():
    one = list(hostile_answers(7, COUNT, DECLARATIONS, CURRENT))
    assert one == list(hostile_answers(7, COUNT, DECLARATIONS, CURRENT))
    assert {family for family, _ in one} == {family.__name__ for family in FAMILIES}
    assert {family for family, _ in one} >= BARREN | FERTILE


def require_harmless(adjustment: Adjustment) -> None:
    """Check an adjustment against the declaration by other means than the code under test."""
    declaration = DECLARATIONS[adjustment.instance_id]
    assert adjustment.changes
    for name, value in adjustment.changes.items():
        parameter, now = declaration[name], CURRENT[adjustment.instance_id][name]
        assert parameter.low <= value <= parameter.high
        assert Decimal(repr(value)) % Decimal(repr(parameter.step)) == 0
        assert abs(value - now) <= max(parameter.max_change * now, parameter.step) * 1.000001
    assert adjustment.reason.isprintable()
    assert adjustment.confidence is None or 0 <= adjustment.confidence <= 1


def require_reasons(ledger: MemoryLedger) -> None:
    assert 1 <= len(ledger.rows) <= 3
    for row in ledger.rows.values():
        assert row.status != "reserved"
        assert row.status == "ok" or row.outcome.reason
        assert row.outcome.answer is None or row.outcome.answer.encode() is not None
