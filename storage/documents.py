"""JSON as it is stored: plain types only, and a NaN is refused instead of stored as something else."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from core.errors import BadData


def dumps(document: Any) -> str:
    """`document` as JSON text; raises BadData for NaN, infinity and types that JSON does not know."""
    try:
        return json.dumps(document, allow_nan=False, separators=(",", ":"), ensure_ascii=False, default=_plain)
    except (ValueError, TypeError) as error:
        raise BadData(
            f"A document cannot be stored as JSON: {error}.", field="document", remedy="Store unknown numbers as null."
        ) from error


def loads(text: str | bytes) -> Any:
    """The document of a JSON text; raises BadData when it is none."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadData(f"A stored document is not JSON: {error}.", field="document") from error


def _plain(value: object) -> object:
    match value:
        case Mapping():
            return dict(value)
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case np.generic():
            return value.item()
        case np.ndarray():
            return value.tolist()
    raise TypeError(f"{type(value).__name__} is not a JSON type")
