"""Messages to a Slack incoming webhook, inside Block Kit's limits, with everything foreign escaped.

Slack is at least once: a message whose sender died is sent again and says that it may be a repeat.
"""

from typing import Any

from slack_sdk.errors import SlackClientError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from core.errors import Forbidden, Unavailable
from core.ports import Message

TITLE_LIMIT = 150
SECTION_LIMIT = 3000
FIELD_LIMIT = 2000
FIELDS_PER_SECTION = 10
SECTIONS_LIMIT = 12
TOTAL_LIMIT = 10_000
TIMEOUT_SECONDS = 15
MARKS = {"info": "", "warning": "⚠️ ", "critical": "🛑 "}
REPEAT = "(this may be a repeat: the first delivery was not confirmed)"
CUT = " …"


class SlackNotifier:
    """Posts to one webhook. The URL is a secret: no error of ours repeats it."""

    channel = "slack"

    def __init__(self, webhook_url: str) -> None:
        retries = [ConnectionErrorRetryHandler(max_retry_count=1), RateLimitErrorRetryHandler(max_retry_count=2)]
        self._client = WebhookClient(webhook_url, timeout=TIMEOUT_SECONDS, retry_handlers=retries)

    def send(self, message: Message) -> None:
        """Post `message`. Raises Unavailable when a later try may help, Forbidden when Slack refuses it for good."""
        try:
            answer = self._client.send(text=fallback(message), blocks=blocks(message))
        except (SlackClientError, OSError) as error:
            raise Unavailable(f"Slack did not answer ({type(error).__name__}).", remedy="It is tried again.") from error
        if answer.status_code == 429 or answer.status_code >= 500:
            raise Unavailable(f"Slack answered {answer.status_code}.", remedy="It is tried again.")
        if answer.status_code != 200:
            raise Forbidden(
                f"Slack refused the message: {answer.status_code} {answer.body[:100]}.",
                field="TRADELOOP_SLACK_WEBHOOK_URL",
                remedy="Check the webhook.",
            )


def fallback(message: Message) -> str:
    """The text of notifications and of clients that show no blocks."""
    return cut(f"{MARKS[message.severity]}{escape(message.title)}", SECTION_LIMIT)


def blocks(message: Message) -> list[dict[str, Any]]:
    """Header, text, fields and link as Block Kit blocks, `TOTAL_LIMIT` characters at most in all."""
    header = {"type": "header", "text": _plain(cut(f"{MARKS[message.severity]}{message.title}", TITLE_LIMIT))}
    body = [{"type": "section", "text": _mrkdwn(part)} for part in _sections(escape(message.text))]
    return [header, *body, *_fields(message), *_context(message)]


def escape(text: str) -> str:
    """Text in which Slack sees no mention, link or markup entity: the three characters it gives meaning to."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, never through an escaped character; what was cut shows."""
    if len(text) <= limit:
        return text
    kept = text[: limit - len(CUT)]
    entity = kept.rfind("&", max(0, len(kept) - 5))
    if entity >= 0 and ";" not in kept[entity:]:
        kept = kept[:entity]
    return kept + CUT


def _sections(text: str) -> list[str]:
    """The text in pieces that fit a section, broken at line ends where possible."""
    text = cut(text, TOTAL_LIMIT - TITLE_LIMIT - FIELD_LIMIT)
    pieces: list[str] = []
    while text and len(pieces) < SECTIONS_LIMIT:
        end = len(text) if len(text) <= SECTION_LIMIT else text.rfind("\n", 1, SECTION_LIMIT)
        piece = text[:end] if end > 0 else cut(text, SECTION_LIMIT).removesuffix(CUT)
        pieces.append(piece)
        text = text[len(piece) :].lstrip("\n")
    return [piece for piece in pieces if piece.strip()]


def _fields(message: Message) -> list[dict[str, Any]]:
    room = FIELD_LIMIT // FIELDS_PER_SECTION
    fields = [_mrkdwn(cut(f"*{escape(name)}*\n{escape(value)}", room)) for name, value in message.fields.items()]
    return [{"type": "section", "fields": fields[:FIELDS_PER_SECTION]}] if fields else []


def _context(message: Message) -> list[dict[str, Any]]:
    parts = [f"<{message.link}>"] if message.link else []
    if message.repeat:
        parts.append(REPEAT)
    return [{"type": "context", "elements": [_mrkdwn(part) for part in parts]}] if parts else []


def _mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": True}
