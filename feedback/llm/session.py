"""One question to a model, from reservation to a checked value: asked again with its errors at most twice."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from core.errors import BudgetExhausted
from feedback.llm.budget import Budget
from feedback.llm.client import CallFailed, LlmAnswer, LlmClient, LlmRequest, Message, NotConfigured
from feedback.llm.ledger import CallLedger
from feedback.llm.metered import Meter
from feedback.llm.parse import Rejected
from feedback.llm.reading import Read, Validate, read
from feedback.llm.sanitise import sanitise, storable

T = TypeVar("T")
Status = Literal["ok", "partial", "unparsed", "failed", "over_budget", "not_configured"]

MAX_REASKS = 2
MAX_REASON = 500
_QUOTED_CHARACTERS = 6000
#: Asking again does not change these: the provider has refused the content.
_FINAL = {"finish_content_filter"}


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What became of a question.

    `ok`: `value` is the checked answer (`repaired` if its JSON had to be mended). `partial`: the model could not
    correct itself and `value` is the part that is valid. `unparsed`: answers came, none usable; `raw` is the last.
    `failed`: the provider gave no answer at all. `over_budget`, `not_configured`: nothing was asked.
    `reason` is a stable code, `steps` the codes of all requests in order, `call_ids` their ledger rows.
    """

    status: Status
    reason: str
    value: T | None
    repaired: bool
    raw: str
    model: str
    steps: tuple[str, ...]
    call_ids: tuple[int, ...]
    cost_usd: Decimal


def ask(
    client: LlmClient,
    ledger: CallLedger,
    budget: Budget,
    request: LlmRequest,
    validate: Validate[T],
    *,
    repair: bool = False,
    pause: Callable[[float], None] = time.sleep,
) -> Outcome[T]:
    """Ask until an answer is accepted, the re-asks, the money or `request.deadline_s` are used up. Never raises
    for anything a model or its server does.

    `repair` allows mended JSON: for narrative only, never where a value of the answer takes effect.
    """
    question = _Question(Meter(client, ledger, budget, request.deadline_s, pause), validate, repair)
    return question.run(request)


class _Question(Generic[T]):
    def __init__(self, meter: Meter, validate: Validate[T], repair: bool) -> None:
        self._meter = meter
        self._validate = validate
        self._repair = repair
        self._last: LlmAnswer | None = None
        self._usable: T | None = None

    def run(self, request: LlmRequest) -> Outcome[T]:
        reason = ""
        for _ in range(1 + MAX_REASKS):
            try:
                answer = self._last = self._meter.send(request)
            except NotConfigured as error:
                return self._without_value("not_configured", error.code)
            except BudgetExhausted as error:
                return self._without_value("over_budget", error.code)
            except CallFailed as failure:
                return self._without_value("failed", failure.reason)
            accepted = self._judge(answer)
            if isinstance(accepted, Read):
                return self._outcome("ok", "", accepted.value, repaired=accepted.how == "repaired")
            reason = accepted.reason
            if reason in _FINAL:
                break
            request = _again(request, answer, accepted)
        return self._without_value("unparsed", reason)

    def _judge(self, answer: LlmAnswer) -> Read[T] | Rejected:
        try:
            accepted = read(answer, self._validate, repair=self._repair)
        except Rejected as rejected:
            self._usable = rejected.usable or self._usable
            self._meter.settle(answer, "rejected", sanitise(str(rejected), MAX_REASON))
            return rejected
        self._meter.settle(answer, "ok", "" if accepted.how == "strict" else accepted.how)
        return accepted

    def _without_value(self, status: Status, reason: str) -> Outcome[T]:
        """End without an accepted answer; what an earlier one had that is valid is still taken."""
        if self._usable is not None:
            return self._outcome("partial", reason, self._usable)
        return self._outcome("unparsed" if self._last else status, reason, None)

    def _outcome(self, status: Status, reason: str, value: T | None, *, repaired: bool = False) -> Outcome[T]:
        return Outcome(
            status=status,
            reason=reason,
            value=value,
            repaired=repaired,
            raw=storable(self._last.text) if self._last else "",
            model=sanitise(self._last.model, 100) if self._last else "",
            steps=tuple(self._meter.steps),
            call_ids=tuple(self._meter.call_ids),
            cost_usd=self._meter.cost_usd,
        )


def _again(request: LlmRequest, answer: LlmAnswer, rejected: Rejected) -> LlmRequest:
    """The next request: more room for an answer that was cut, else the errors and the schema to correct it by."""
    if rejected.reason == "finish_length":
        return replace(request, max_tokens=2 * request.max_tokens)
    if not answer.text.strip() or rejected.reason.startswith("finish_"):
        return request.followed_by(Message("user", _demand(["Your answer was blank or broke off."], request)))
    told = Message("assistant", storable(answer.text)[:_QUOTED_CHARACTERS])
    return request.followed_by(told, Message("user", _demand(rejected.complaints, request)))


def _demand(complaints: Sequence[str], request: LlmRequest) -> str:
    errors = "\n".join(f"- {complaint}" for complaint in complaints)
    schema = json.dumps(request.schema, ensure_ascii=False, sort_keys=True)
    return f"{errors}\nAnswer again, with exactly one json object that fits this schema and nothing else:\n{schema}"
