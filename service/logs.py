"""Logs: one sentence, a stable `action` key and ids per line, on stderr; secrets are redacted here and only here."""

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog

from core.clock import Clock, SystemClock
from execution.trade_log import NAME as TRADES

REDACTED = "[redacted]"
TRADE_LOG_BYTES = 20_000_000
_SECRET_KEYS = re.compile(
    r"(api_?key|secret|token|authorization|signature|passphrase|password|webhook|cookie)", re.IGNORECASE
)
_SECRET_VALUES = re.compile(
    r"(sk-[\w-]{8,}|xox[baprs]-[\w-]+|hooks\.slack\.com/services/\S+|eyJ[\w-]{10,}\.[\w.-]+|tl_[0-9a-f]{8}_[\w-]{8,}"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|(?<=Bearer )\S+|(?<=signature=)\w+|(?<=auth_token=)\w+|(?<=[?&]token=)[\w-]+"
    r"|(?<=api_key=)[\w-]+)"
)


class Redactor:
    """Removes known secret values, secret-looking values and the values of secret-looking keys from a log event."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(sorted((s for s in secrets if len(s) >= 6), key=len, reverse=True))

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        return _SECRET_VALUES.sub(REDACTED, text)

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        return {
            key: REDACTED if _SECRET_KEYS.search(key) and value else self._value(value) for key, value in event.items()
        }

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return dict(self(None, "", dict(value)))
        if isinstance(value, list | tuple):
            return [self._value(item) for item in value]
        return value


def configure_logs(
    *, level: str = "INFO", secrets: Iterable[str] = (), clock: Clock | None = None, as_json: bool | None = None
) -> None:
    """Set up structlog and the standard library's logging; JSON lines unless stderr is a terminal."""
    ticking = clock or SystemClock()

    def stamp(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        event["at"] = ticking.now().isoformat(timespec="milliseconds")
        return event

    machine = not sys.stderr.isatty() if as_json is None else as_json
    redact = Redactor(secrets)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        stamp,
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer = structlog.processors.JSONRenderer(default=str) if machine else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every request that waits for a thread


def open_trade_log(path: Path, secrets: Iterable[str] = ()) -> None:
    """Let the trade log (execution.trade_log) of this process go to a file of its own, as JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=TRADE_LOG_BYTES, backupCount=5, encoding="utf-8")
    fields: list[Any] = [structlog.stdlib.ExtraAdder(), Redactor(secrets)]
    lines = structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=lines, foreign_pre_chain=fields))
    trades = logging.getLogger(TRADES)
    for old in trades.handlers:
        old.close()
    trades.handlers, trades.propagate = [handler], False
    trades.setLevel(logging.INFO)
