"""Cursors: the key of a page's last row, opaque to callers, checked when it comes back."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.errors import InvalidInput
from storage.queries.api_pages import Key, Page

LARGEST_INTEGER = 2**63


def encode(key: Key | None) -> str | None:
    if key is None:
        return None
    parts = [part.isoformat() if isinstance(part, datetime) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode(cursor: str | None, kinds: Sequence[type]) -> Key | None:
    """The key behind `cursor`, whose parts are of `kinds`; InvalidInput when it is not one of ours."""
    if cursor is None:
        return None
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        return tuple(_part(part, kind) for part, kind in zip(parts, kinds, strict=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidInput(
            "That cursor is not ours.", field="cursor", remedy="Send `next` of the page before, unchanged."
        ) from error


def page_out(page: Page, items: Sequence[Any]) -> Mapping[str, Any]:
    """The fields of a list's answer."""
    return {"items": items, "next": encode(page.next)}


def _part(part: Any, kind: type) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(part) if isinstance(part, str) else None
        if moment is None or moment.tzinfo is None:
            raise ValueError("not a moment")
        return moment
    if kind is int and isinstance(part, int) and 0 <= part < LARGEST_INTEGER:
        return part
    if kind is str and isinstance(part, str) and part.isprintable():
        return part
    raise ValueError("not of its kind")
