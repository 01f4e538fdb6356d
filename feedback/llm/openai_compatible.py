"""Chat completions in OpenAI's wire format: OpenAI, OpenRouter, vLLM, Ollama, Qwen and, with its quirks, DeepSeek."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from core.clock import Clock, SystemClock
from feedback.llm.client import LlmAnswer, LlmRequest, Quote, Usage
from feedback.llm.exchange import Endpoint, Tokens, exchange
from feedback.llm.prices import PriceTable, load_prices


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where providers of one wire format differ. `extra` is merged into every request."""

    provider: str
    trace_header: str = "x-request-id"
    max_tokens_key: str = "max_tokens"
    extra: Mapping[str, Any] = field(default_factory=dict)


COMPATIBLE = Dialect("openai", extra={"temperature": 0})
#: OpenAI's own current models refuse `max_tokens` and any temperature but their default.
OPENAI = Dialect("openai", max_tokens_key="max_completion_tokens")


@dataclass(frozen=True)
class ChatClient:
    """A chat-completions endpoint at `base_url` (the part before `/chat/completions`)."""

    dialect: Dialect
    base_url: str
    model: str
    api_key: str = field(repr=False)
    prices: PriceTable = field(default_factory=load_prices, repr=False)
    clock: Clock = field(default_factory=SystemClock, repr=False)

    @property
    def provider(self) -> str:
        return self.dialect.provider

    def quote(self, request: LlmRequest) -> Quote:
        return self.prices.highest(self.provider, self.model, self.clock.now()).quote(request)

    def complete(self, request: LlmRequest) -> LlmAnswer:
        price = self.prices.at(self.provider, self.model, self.clock.now())
        exchanged = exchange(self._endpoint, self._body(request), request.deadline_s, _Body)
        body, choice = exchanged.body, exchanged.body.choices[0]
        usage = body.usage.counted() if body.usage else None
        return LlmAnswer(
            text=choice.message.content or "",
            finish_reason=choice.finish_reason or "missing",
            model=body.model or "",
            fingerprint=body.system_fingerprint or "",
            usage=usage,
            cost_usd=price.of(usage) if usage else self.quote(request).usd,
            latency_ms=exchanged.latency_ms,
            trace_id=exchanged.trace_id,
        )

    @property
    def _endpoint(self) -> Endpoint:
        url = f"{self.base_url.rstrip('/')}/chat/completions"
        return Endpoint(url, {"authorization": f"Bearer {self.api_key}"}, self.dialect.trace_header)

    def _body(self, request: LlmRequest) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": [
                {"role": "system", "content": request.system},
                *({"role": message.role, "content": message.text} for message in request.messages),
            ],
            "response_format": {"type": "json_object"},
            "stream": False,
            self.dialect.max_tokens_key: request.max_tokens,
            **self.dialect.extra,
        }


def openai_compatible_client(api_key: str, model: str, base_url: str) -> ChatClient:
    """A client for `base_url`; OpenAI's own host gets the request fields that its models accept."""
    own = urlsplit(base_url).hostname == "api.openai.com"
    return ChatClient(OPENAI if own else COMPATIBLE, base_url, model, api_key)


class _Details(BaseModel):
    reasoning_tokens: Tokens | None = None
    cached_tokens: Tokens | None = None


class _Usage(BaseModel):
    """DeepSeek counts cache hits beside `prompt_tokens`, OpenAI inside its details; both are part of it."""

    prompt_tokens: Tokens = 0
    completion_tokens: Tokens = 0
    prompt_cache_hit_tokens: Tokens | None = None
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None

    def counted(self) -> Usage | None:
        """The usage, or None when it cannot be true: every request has a prompt."""
        prompt_details = self.prompt_tokens_details or _Details()
        cached = self.prompt_cache_hit_tokens or prompt_details.cached_tokens or 0
        if not 0 < self.prompt_tokens >= cached:
            return None
        reasoning = (self.completion_tokens_details or _Details()).reasoning_tokens or 0
        return Usage(self.prompt_tokens, cached, self.completion_tokens, reasoning)


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Body(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    model: str | None = None
    system_fingerprint: str | None = None
    usage: _Usage | None = None
