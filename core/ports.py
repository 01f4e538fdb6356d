"""What lower packages ask of higher ones: `service` fills these when it wires the parts together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, Protocol

from core.story import DailyStory

Severity = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Message:
    """Something people should read. `key` names it for ever: one key is delivered once per channel.

    `repeat` marks a delivery that may have arrived before (the process died between sending and noting it).
    """

    key: str
    title: str
    text: str
    link: str | None = None
    severity: Severity = "info"
    day: date | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    repeat: bool = False

    def as_document(self) -> dict[str, Any]:
        """Plain JSON types, as kept with the delivery so that it can be sent again."""
        return {
            "key": self.key,
            "title": self.title,
            "text": self.text,
            "link": self.link,
            "severity": self.severity,
            "day": self.day.isoformat() if self.day else None,
            "fields": dict(self.fields),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any], *, repeat: bool = False) -> "Message":
        """The message that `as_document` described."""
        day = document.get("day")
        return cls(**{**document, "day": date.fromisoformat(day) if day else None, "repeat": repeat})


class Notifier(Protocol):
    """Sends messages to people over one channel (`slack`, `email`, `file` …)."""

    @property
    def channel(self) -> str: ...

    def send(self, message: Message) -> None:
        """Send `message`; raises Unavailable when trying again later may help, another TradeloopError when not."""
        ...


class ReportWriter(Protocol):
    """Writes a story as a page that people open. Writing the same story again replaces the page."""

    def daily(self, story: DailyStory) -> Path: ...

    def weekly(self, story: DailyStory) -> Path: ...


class Progress(Protocol):
    """Hears how far long work has come."""

    def __call__(self, done: int, total: int, what: str) -> None: ...


def silent(done: int, total: int, what: str) -> None:
    """Progress that nobody watches."""
