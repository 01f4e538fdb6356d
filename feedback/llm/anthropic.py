"""Anthropic's Messages API, with the answer held to a JSON schema by `output_config`.

No temperature is sent (current models refuse it) and no tool is forced (not all models allow it).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field

from core.clock import Clock, SystemClock
from feedback.llm.client import LlmAnswer, LlmRequest, Quote, Usage
from feedback.llm.exchange import Endpoint, Tokens, exchange
from feedback.llm.prices import PriceTable, load_prices

BASE_URL = "https://api.anthropic.com"
VERSION = "2023-06-01"
_FINISH = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "refusal": "content_filter"}
_REFUSED_KEYWORDS = {"minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "pattern"}


@dataclass(frozen=True)
class AnthropicClient:
    """The Messages endpoint at `base_url` (the part before `/v1/messages`)."""

    api_key: str = field(repr=False)
    model: str
    base_url: str = BASE_URL
    prices: PriceTable = field(default_factory=load_prices, repr=False)
    clock: Clock = field(default_factory=SystemClock, repr=False)

    @property
    def provider(self) -> str:
        return "anthropic"

    def quote(self, request: LlmRequest) -> Quote:
        return self.prices.highest(self.provider, self.model, self.clock.now()).quote(request)

    def complete(self, request: LlmRequest) -> LlmAnswer:
        price = self.prices.at(self.provider, self.model, self.clock.now())
        exchanged = exchange(self._endpoint, self._body(request), request.deadline_s, _Body)
        body = exchanged.body
        usage = body.usage.counted() if body.usage else None
        return LlmAnswer(
            text="".join(block.text for block in body.content if block.type == "text"),
            finish_reason=_FINISH.get(body.stop_reason or "", body.stop_reason or "missing"),
            model=body.model or "",
            fingerprint="",
            usage=usage,
            cost_usd=price.of(usage) if usage else self.quote(request).usd,
            latency_ms=exchanged.latency_ms,
            trace_id=exchanged.trace_id,
        )

    @property
    def _endpoint(self) -> Endpoint:
        headers = {"x-api-key": self.api_key, "anthropic-version": VERSION}
        return Endpoint(f"{self.base_url.rstrip('/')}/v1/messages", headers, "request-id")

    def _body(self, request: LlmRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": request.max_tokens,
            "system": request.system,
            "messages": [{"role": message.role, "content": message.text} for message in request.messages],
        }
        if request.schema:
            body["output_config"] = {"format": {"type": "json_schema", "schema": portable(request.schema)}}
        return body


def portable(schema: Any) -> Any:
    """`schema` without the bounds that constrained decoding refuses; our own validation still applies them."""
    if isinstance(schema, list):
        return [portable(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    properties = schema.get("properties")
    kept = {
        key: portable(value) for key, value in schema.items() if key not in _REFUSED_KEYWORDS and key != "properties"
    }
    if isinstance(properties, Mapping):
        kept["properties"] = {name: portable(value) for name, value in properties.items()}
        kept["additionalProperties"] = False
    return kept


class _Usage(BaseModel):
    """Here `input_tokens` leaves out what was written to and read from the cache."""

    input_tokens: Tokens = 0
    output_tokens: Tokens = 0
    cache_creation_input_tokens: Tokens | None = None
    cache_read_input_tokens: Tokens | None = None

    def counted(self) -> Usage | None:
        cached = self.cache_read_input_tokens or 0
        prompt = self.input_tokens + (self.cache_creation_input_tokens or 0) + cached
        return Usage(prompt, cached, self.output_tokens) if prompt else None


class _Block(BaseModel):
    type: str
    text: str = ""


class _Body(BaseModel):
    content: list[_Block] = Field(min_length=1)
    stop_reason: str | None = None
    model: str | None = None
    usage: _Usage | None = None
