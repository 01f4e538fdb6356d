"""Slack messages keep Block Kit's limits, show hostile text as text, and tell permanent failures from passing ones."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Forbidden, Unavailable
from core.ports import Message
from reports.notifiers.slack import SlackNotifier, blocks, cut, escape


class Receiver(HTTPServer):
    """Answers what the test says and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, str]] = []
        self.received: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/T/B/secret"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status, body = self.server.answers.pop(0) if self.server.answers else (200, "ok")
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def message(**changes: Any) -> Message:
    return Message(**{"key": "daily:2025-05-05", "title": "Daily review", "text": "P&L +12.00", **changes})


def test_a_message_arrives_with_a_fallback_text(receiver: Receiver) -> None:
    SlackNotifier(receiver.url).send(message())
    (sent,) = receiver.received
    assert sent["text"] == "Daily review"
    assert [block["type"] for block in sent["blocks"]] == ["header", "section"]


def test_hostile_text_is_shown_as_text() -> None:
    (_, section) = blocks(message(text="<!channel> <https://evil|click> & <script>"))
    assert section["text"]["text"] == "&lt;!channel&gt; &lt;https://evil|click&gt; &amp; &lt;script&gt;"


@given(st.text(max_size=30_000), st.text(max_size=400), st.dictionaries(st.text(max_size=50), st.text(max_size=400)))
def test_no_message_breaks_the_limits_of_block_kit(text: str, title: str, fields: dict[str, str]) -> None:
    made = blocks(message(text=text, title=title, fields=fields, repeat=True))
    assert len(made) <= 50
    assert len(made[0]["text"]["text"]) <= 150
    total = 0
    for block in made:
        texts = [block["text"]["text"]] if "text" in block else []
        texts += [part["text"] for part in (*block.get("fields", ()), *block.get("elements", ()))]
        assert len(block.get("fields", ())) <= 10
        assert all(len(part) <= 3000 for part in texts)
        total += sum(map(len, texts))
    assert total <= 10_000


@given(st.text(alphabet="&<>a", max_size=60), st.integers(10, 40))
def test_cutting_never_breaks_an_escaped_character(text: str, limit: int) -> None:
    kept = cut(escape(text), limit).removesuffix(" …")
    for entity in ("&amp;", "&lt;", "&gt;"):
        kept = kept.replace(entity, "")
    assert "&" not in kept


def test_a_busy_slack_is_tried_again_and_a_refusal_is_final(receiver: Receiver) -> None:
    notifier = SlackNotifier(receiver.url)
    receiver.answers = [(429, ""), (200, "ok")]
    notifier.send(message())
    assert len(receiver.received) == 2
    receiver.answers = [(503, "")]
    with pytest.raises(Unavailable):
        notifier.send(message())
    receiver.answers = [(404, "no_service")]
    with pytest.raises(Forbidden, match="no_service") as caught:
        notifier.send(message())
    assert "secret" not in str(caught.value)


def test_nobody_listening_is_a_passing_failure() -> None:
    with pytest.raises(Unavailable):
        SlackNotifier("http://127.0.0.1:9/services/T/B/secret").send(message())


def test_a_repeat_says_that_it_is_one() -> None:
    assert "may be a repeat" in json.dumps(blocks(message(repeat=True)))
