"""The clients against a server that speaks the documented wire formats."""

import time
from decimal import Decimal

import pytest

from core.clock import SimulatedClock
from feedback.llm.anthropic import AnthropicClient, portable
from feedback.llm.client import CallFailed, NotConfigured, Usage
from feedback.llm.deepseek import DEEPSEEK, deepseek_client
from feedback.llm.null import NullClient
from feedback.llm.openai_compatible import ChatClient, openai_compatible_client
from tests.support.llm import NOON, request
from tests.support.llm_server import LlmServer, Reply, failing, malformed, ok, rate_limited, text, trickling


@pytest.fixture
def server():
    with LlmServer() as running:
        yield running


def client_of(server: LlmServer) -> ChatClient:
    return ChatClient(DEEPSEEK, server.url, "deepseek-flash", "secret-key", clock=SimulatedClock(NOON))


def test_deepseek_is_asked_for_a_json_object_with_thinking_switched_off(server):
    server.script(ok({"a": 1}))
    client_of(server).complete(request(context=("news",)))
    (sent,) = server.requests
    assert sent.path == "/chat/completions"
    assert sent.headers["authorization"] == "Bearer secret-key"
    assert sent.body["thinking"] == {"type": "disabled"}
    assert sent.body["temperature"] == 0
    assert sent.body["response_format"] == {"type": "json_object"}
    assert sent.body["max_tokens"] == 1000
    assert [m["role"] for m in sent.body["messages"]] == ["system", "user", "user"]
    assert sent.body["messages"][1]["content"] == "news"


def test_an_answer_carries_text_usage_cost_trace_and_fingerprint(server):
    server.script(ok({"a": 1}))
    answer = client_of(server).complete(request())
    assert answer.text == '{"a": 1}'
    assert answer.usage == Usage(prompt=1000, cached=200, completion=300)
    # off-peak: 200 x 0.003 + 800 x 0.15 + 300 x 0.60 USD per million
    assert answer.cost_usd == Decimal("0.0003006")
    assert (answer.trace_id, answer.fingerprint, answer.finish_reason) == ("trace-1", "fp_test", "stop")


@pytest.mark.parametrize(
    "usage",
    [None, {}, {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": 5, "prompt_cache_hit_tokens": 9}],
)
def test_usage_that_cannot_be_true_costs_the_quoted_worst_case_and_never_nothing(server, usage):
    server.script(Reply('{"a": 1}', usage=usage))
    client = client_of(server)
    answer = client.complete(request())
    assert answer.usage is None
    assert answer.cost_usd == client.quote(request()).usd > 0


def test_blank_lines_before_the_answer_are_read_through(server):
    server.script(trickling(0.3, {"a": 1}))
    assert client_of(server).complete(request()).text == '{"a": 1}'


@pytest.mark.parametrize(
    "reply",
    [trickling(30, {}), Reply("{}", header_trickle_s=30), Reply("{}", hang_s=30)],
    ids=["blank lines", "headers", "silence"],
)
def test_no_server_holds_a_call_beyond_its_deadline_and_the_connection_is_closed(server, reply):
    server.script(reply)
    started = time.monotonic()
    with pytest.raises(CallFailed) as failure:
        client_of(server).complete(request(deadline_s=0.4))
    assert time.monotonic() - started < 2
    assert failure.value.reason == "deadline"
    assert failure.value.billed
    if not reply.hang_s:
        wait_until(lambda: server.closed_early == 1)


@pytest.mark.parametrize(
    ("reply", "reason", "retryable", "billed"),
    [
        (failing(400), "bad_request", False, False),
        (failing(401), "bad_key", False, False),
        (failing(402), "no_balance", False, False),
        (failing(422), "bad_parameters", False, False),
        (failing(404), "not_found", False, False),
        (failing(302), "http_302", False, False),
        (rate_limited("7"), "rate_limited", True, False),
        (rate_limited("Wed, 21 Oct 2026 07:28:00 GMT"), "rate_limited", True, False),
        (failing(429, "enforced_spend_limit_reached"), "rate_limited", False, False),
        (failing(500), "http_500", True, False),
        (failing(503), "overloaded", True, False),
        (malformed(), "malformed_body", True, True),
        (malformed(b""), "malformed_body", True, True),
        (malformed(b"[]"), "malformed_body", True, True),
        (malformed(b'{"choices": []}'), "malformed_body", True, True),
        (malformed(b'{"error": {"message": "inside a 200"}}'), "malformed_body", True, True),
        (malformed(b'{"choices": [{"message": {"content": ["x"]}}]}'), "malformed_body", True, True),
        (malformed(b"[" * 100_000), "malformed_body", True, True),
        (malformed(b'{"a": "\xff\xfe"}'), "malformed_body", True, True),
        (malformed(b" " * 5_000_000), "body_too_large", False, True),
        (Reply(reset=True), "broken", True, True),
    ],
)
def test_each_failure_says_whether_to_retry_and_whether_it_may_be_billed(server, reply, reason, retryable, billed):
    server.script(reply)
    with pytest.raises(CallFailed) as failure:
        client_of(server).complete(request())
    found = failure.value
    assert (found.reason, found.retryable, found.billed) == (reason, retryable, billed)


def test_retry_after_in_seconds_is_reported(server):
    server.script(rate_limited("7"))
    with pytest.raises(CallFailed) as failure:
        client_of(server).complete(request())
    assert failure.value.retry_after_s == 7.0


def test_a_server_that_is_not_there_is_a_retryable_failure_that_costs_nothing():
    with LlmServer() as gone:
        url = gone.url
    with pytest.raises(CallFailed) as failure:
        deepseek_client("key", base_url=url).complete(request())
    assert (failure.value.reason, failure.value.retryable, failure.value.billed) == ("connect", True, False)


def test_reasoning_without_content_is_an_empty_text(server):
    server.script(Reply(None, finish_reason="length"))
    answer = client_of(server).complete(request())
    assert (answer.text, answer.finish_reason) == ("", "length")


def test_a_key_never_shows_in_a_client(server):
    assert "secret-key" not in repr(client_of(server))
    assert "secret-key" not in repr(AnthropicClient("secret-key", "claude-opus-5-5"))


def test_openai_itself_gets_the_fields_its_models_accept():
    own = openai_compatible_client("key", "gpt", "https://api.openai.com/v1").dialect
    other = openai_compatible_client("key", "qwen3.8-flash", "http://localhost:11434/v1").dialect
    assert own.max_tokens_key == "max_completion_tokens"
    assert "temperature" not in own.extra
    assert other.max_tokens_key == "max_tokens"
    assert "thinking" not in other.extra


def test_anthropic_is_held_to_the_schema_and_its_cached_tokens_are_added(server):
    server.script(text('{"a": 1}'))
    client = AnthropicClient("secret-key", "claude-haiku-4-5", server.url, clock=SimulatedClock(NOON))
    schema = {"type": "object", "properties": {"minimum": {"type": "number", "minimum": 0}}, "required": ["minimum"]}
    answer = client.complete(request(schema=schema))
    (sent,) = server.requests
    assert sent.path == "/v1/messages"
    assert sent.headers["x-api-key"] == "secret-key"
    assert sent.body["system"] == "Answer in json."
    assert "temperature" not in sent.body
    assert sent.body["output_config"]["format"] == {
        "type": "json_schema",
        "schema": {
            "type": "object",
            "properties": {"minimum": {"type": "number"}},
            "required": ["minimum"],
            "additionalProperties": False,
        },
    }
    assert answer.usage == Usage(prompt=1000, cached=200, completion=300)
    # 200 x 0.10 + 800 x 1 + 300 x 5 USD per million
    assert answer.cost_usd == Decimal("0.00232")
    assert answer.finish_reason == "stop"


def test_bounds_are_left_out_of_a_portable_schema_at_every_depth():
    schema = {"anyOf": [{"type": "array", "maxItems": 3, "items": {"type": "string", "maxLength": 9}}]}
    assert portable(schema) == {"anyOf": [{"type": "array", "items": {"type": "string"}}]}


def test_without_a_key_nothing_is_sent():
    with pytest.raises(NotConfigured, match="DEEPSEEK_API_KEY"):
        NullClient().quote(request())
    with pytest.raises(NotConfigured):
        NullClient().complete(request())


def wait_until(condition, seconds: float = 3.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.02)
