"""No secret gets into a log line, whatever it is part of."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from core.clock import SimulatedClock
from service.logs import REDACTED, Redactor, configure_logs

CANARIES = {
    "model key": "sk-canary0123456789",
    "slack token": "xoxb-0123-canary-token",
    "webhook": "https://hooks.slack.com/services/T0CANARY/B0CANARY/canarycanary",
    "json web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl",
    "our own key": "tl_0123abcd_canary-0123456789",
    "database": "postgresql+psycopg://trader:canary-pass@db.example/tradeloop",
    "signed url": "https://api.example/order?symbol=BTCUSDT&signature=canary0123abc",
    "login link": "http://localhost:8000/login?token=canary-0123456789",
    "header": "Authorization: Bearer canary-0123456789",
}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile, as JSON lines; the configuration is put back afterwards."""
    root = logging.getLogger()
    before, level, errors = list(root.handlers), root.level, io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    configure_logs(secrets=["canary-of-the-settings"], clock=SimulatedClock(datetime(2025, 1, 2, 3, tzinfo=UTC)))
    yield errors
    structlog.reset_defaults()
    root.handlers, root.level = before, level


def documents(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


@pytest.mark.parametrize("secret", CANARIES.values(), ids=CANARIES)
def test_what_looks_like_a_secret_is_redacted_wherever_it_stands(lines: io.StringIO, secret: str) -> None:
    log = structlog.get_logger()
    log.warning(f"It said {secret} and left.", action="test", nested={"deep": [secret]}, plain=secret)
    logging.getLogger("library").warning("It said %s and left.", secret)
    assert "canary" not in lines.getvalue().lower()
    assert "eyJhbGciOiJIUzI1NiJ9" not in lines.getvalue()
    assert lines.getvalue().count(REDACTED) >= 4


def test_secrets_of_the_settings_are_redacted_even_in_a_traceback(lines: io.StringIO) -> None:
    try:
        {}["canary-of-the-settings"]
    except KeyError:
        structlog.get_logger().exception("It broke.", action="test")
    (document,) = documents(lines)
    assert "canary" not in lines.getvalue()
    assert "KeyError" in document["exception"]


def test_values_of_secret_keys_are_redacted_whatever_they_look_like(lines: io.StringIO) -> None:
    structlog.get_logger().info("Signed.", action="test", api_key="plain", headers={"Cookie": "session=1"}, password="")
    (document,) = documents(lines)
    assert document["api_key"] == REDACTED
    assert document["headers"] == {"Cookie": REDACTED}
    assert document["password"] == ""


def test_a_line_is_a_sentence_with_an_action_ids_and_the_time_of_its_clock(lines: io.StringIO) -> None:
    structlog.get_logger().info("A proposal was judged.", action="gate.judged", proposal="p-1")
    assert documents(lines) == [
        {
            "event": "A proposal was judged.",
            "action": "gate.judged",
            "proposal": "p-1",
            "level": "info",
            "at": "2025-01-02T03:00:00.000+00:00",
        }
    ]


def test_ordinary_words_and_numbers_stay_as_they_are() -> None:
    redact = Redactor(["short"])
    for text in ("stop_loss 0.006 -> 0.005", "a short sentence", "https://example.org/path?symbol=BTCUSDT", "sk-1"):
        assert redact.text(text) == text
