"""The port to a language model: one request, one HTTP call, one answer or one typed failure.

CallFailed (transient or final, says which)   the request was made and gave no answer
NotConfigured                                 there is no key; nothing was sent
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal, Protocol

from core.errors import Unavailable

Purpose = Literal["daily_review", "daily_proposals", "loss_review", "weekly", "advice"]
Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation; the system text is kept apart."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class LlmRequest:
    """What is asked of a model. `deadline_s` bounds everything, in wall-clock seconds, however the server trickles.

    `context` holds user messages that stand before `user` (quoted, untrusted data); `turns` what followed it.
    `schema` is the answer's JSON schema: sent to providers that take one, quoted when the model is asked again.
    """

    purpose: Purpose
    system: str
    user: str
    max_tokens: int
    deadline_s: float
    job_id: str
    prompt_version: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    context: tuple[str, ...] = ()
    turns: tuple[Message, ...] = ()

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation as sent, without the system text."""
        return (*(Message("user", text) for text in (*self.context, self.user)), *self.turns)

    def followed_by(self, *turns: Message) -> "LlmRequest":
        return replace(self, turns=(*self.turns, *turns))


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them: `prompt` includes `cached`, `completion` includes `reasoning`."""

    prompt: int
    cached: int = 0
    completion: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """The most a request can cost, in USD. `price_known` False: the worst-case price was used."""

    usd: Decimal
    price_known: bool


@dataclass(frozen=True, slots=True)
class LlmAnswer:
    """What a model answered. `usage` None: the provider did not say, and `cost_usd` is the quoted worst case.

    `finish_reason` uses the OpenAI words (stop, length, content_filter, …) whatever the provider.
    """

    text: str
    finish_reason: str
    model: str
    fingerprint: str
    usage: Usage | None
    cost_usd: Decimal
    latency_ms: int
    trace_id: str


class LlmClient(Protocol):
    """A model behind a provider. `complete` makes exactly one HTTP request: retries are the caller's, who pays."""

    @property
    def provider(self) -> str: ...

    @property
    def model(self) -> str: ...

    def quote(self, request: LlmRequest) -> Quote:
        """The most that `request` can cost; raises NotConfigured when nothing could be sent."""

    def complete(self, request: LlmRequest) -> LlmAnswer:
        """Ask within `request.deadline_s`; raises CallFailed or NotConfigured."""


class NotConfigured(Unavailable):
    """No language model is configured."""

    code = "llm_not_configured"


class CallFailed(Unavailable):
    """The language model did not answer.

    `reason` is a stable code. `retryable` says whether the same request may succeed soon, `retry_after_s` how soon
    by the server's word. `billed` says whether the provider may charge for it (then it counts at its reservation).
    """

    code = "llm_call_failed"

    def __init__(
        self,
        reason: str,
        message: str = "",
        *,
        http_status: int | None = None,
        retryable: bool = False,
        retry_after_s: float | None = None,
        billed: bool = False,
        latency_ms: int = 0,
        trace_id: str = "",
    ) -> None:
        super().__init__(message or f"The language model did not answer ({reason}).")
        self.reason = reason
        self.http_status = http_status
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.billed = billed
        self.latency_ms = latency_ms
        self.trace_id = trace_id
