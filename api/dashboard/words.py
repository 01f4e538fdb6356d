"""The words of the pages, in Korean and English."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from api.config import Language


@cache
def words(language: Language) -> Mapping[str, str]:
    """Key to words."""
    catalogue: dict[str, str] = json.loads((files("api.dashboard") / "locales" / f"{language}.json").read_text("utf-8"))
    return catalogue
