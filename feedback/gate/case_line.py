"""One line of a cases file, checked before anything is read for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from core.clock import from_ms, to_ms
from core.errors import InvalidInput
from core.learning import Author
from feedback.gate.returns import Window

_AUTHORS = ("llm", "miner", "person")
_LARGEST_SECONDS = 1e11


@dataclass(frozen=True)
class CaseLine:
    """A case as it was written. Either `returns` or `candles` with `plugin` is given; paths are absolute.

    Either `seen` or `seen_days` (the last days of the data) says what the author has looked at.
    """

    case_id: Any
    strategy: str
    source: Author
    n_trials: int
    incumbent: Mapping[str, Any]
    candidate: Mapping[str, Any]
    seen: Window | None
    seen_days: int | None
    returns: Path | None
    candles: tuple[Path, ...]
    plugin: Path | None


def case_id_of(text: str) -> Any:
    """The id of a line, as far as it can be told; numbers that JSON does not know become text."""
    try:
        document = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return document.get("case_id") if isinstance(document, dict) else None


def parse_line(text: str, folder: Path) -> CaseLine:
    """Read one line; raises InvalidInput naming the field. Paths are relative to `folder`."""
    document = _document(text)
    returns, candles, plugin = (document.get(name) for name in ("returns", "candles", "strategy_plugin"))
    if returns is None and (candles is None or plugin is None):
        raise InvalidInput(
            "The case gives neither returns nor candles with a strategy_plugin.", field="returns", remedy="Give one."
        )
    seen_days = document.get("seen_days")
    seen = _window(document["seen"]) if document.get("seen") is not None else None
    if seen is None and seen_days is None:
        raise InvalidInput("The case does not say what its author has seen.", field="seen")
    return CaseLine(
        case_id=document.get("case_id"),
        strategy=str(document.get("strategy", "")),
        source=_source(document.get("source", "llm")),
        n_trials=_count(document.get("n_trials", 1), "n_trials"),
        incumbent=_object(document, "incumbent"),
        candidate=_object(document, "candidate"),
        seen=seen,
        seen_days=None if seen_days is None else _count(seen_days, "seen_days"),
        returns=None if returns is None else _path(returns, folder, "returns"),
        candles=() if candles is None else tuple(_path(one, folder, "candles") for one in _list(candles)),
        plugin=None if plugin is None else _path(plugin, folder, "strategy_plugin"),
    )


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The line is not JSON: {error}.", field="line") from error
    if not isinstance(document, dict):
        raise InvalidInput("The line is no JSON object.", field="line")
    return document


def _source(value: object) -> Author:
    if value not in _AUTHORS:
        raise InvalidInput(f"source is {value!r}.", field="source", remedy="Write llm or miner.")
    return cast(Author, value)


def _count(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInput(f"{field} must be a whole number from 1 on, not {value!r}.", field=field)
    return value


def _object(document: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = document.get(field, {})
    if not isinstance(value, dict):
        raise InvalidInput(f"{field} must be an object of parameter values.", field=field)
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise InvalidInput("candles must be a list of files.", field="candles")
    return value


def _path(value: object, folder: Path, field: str) -> Path:
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"{field} must name a file, not {value!r}.", field=field)
    return folder / value


def _window(value: object) -> Window:
    if not isinstance(value, dict) or "start" not in value or "end" not in value:
        raise InvalidInput("seen needs a start and an end.", field="seen")
    start, end = _moment(value["start"], "seen.start"), _moment(value["end"], "seen.end")
    if not start < end:
        raise InvalidInput("seen ends before it starts.", field="seen")
    return Window(to_ms(start), to_ms(end))


def _moment(value: object, field: str) -> datetime:
    """An ISO day or time (UTC unless it says otherwise), or an epoch number of seconds or milliseconds."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return from_ms(int(value)) if abs(value) > _LARGEST_SECONDS else from_ms(0) + timedelta(seconds=value)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{field} is no time: {value!r}.", field=field) from error
    raise InvalidInput(f"{field} is no time: {value!r}.", field=field)
