"""Every sentence that the loop itself writes, in Korean and English, from one catalogue per language."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from core.errors import UnknownName

Language = Literal["ko", "en"]


@dataclass(frozen=True, slots=True)
class Texts:
    """Sentences of one language; placeholders are Python format fields such as `{net:+,.2f}`."""

    language: Language

    def say(self, key: str, **values: Any) -> str:
        """The sentence `key` with `values` filled in; an unknown key raises UnknownName."""
        catalogue = catalogue_of(self.language)
        if key not in catalogue:
            raise UnknownName.among("text", key, catalogue)
        return catalogue[key].format(**values)

    def name(self, kind: str, value: str) -> str:
        """The display name of a stored word (an exit reason, a regime …), or the word itself."""
        return catalogue_of(self.language).get(f"{kind}.{value}", value)


@cache
def catalogue_of(language: Language) -> dict[str, str]:
    """Key to sentence; the file is part of the package."""
    document: dict[str, str] = json.loads((files("feedback") / "locales" / f"{language}.json").read_text("utf-8"))
    return document
