"""Prompts are files in feedback/prompts: the part above the mark is the system text, the part below the user's.

What never changes comes first, so that the provider's cache can serve it; what changes daily comes last.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, select_autoescape

from core.errors import UnknownName
from feedback.llm.sanitise import sanitise
from feedback.texts import Language

LANGUAGES: dict[Language, str] = {"ko": "Korean", "en": "English"}
MAX_LINE = 600

_FOLDER = Path(__file__).parents[1] / "prompts"
_MARK = "\n<!-- user -->\n"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt. `version` is its name and the start of its file's sha256, as kept with every call."""

    system: str
    user: str
    version: str


@dataclass(frozen=True, slots=True)
class _File:
    system: Template
    user: Template
    version: str


def render(name: str, **facts: Any) -> Prompt:
    """Fill prompt `name`. A missing variable raises jinja2.UndefinedError, an unknown name UnknownName."""
    file = _load(name)
    return Prompt(file.system.render(facts).strip(), file.user.render(facts).strip(), file.version)


def quoted(lines: Sequence[str]) -> list[str]:
    """Lines as they may stand in a prompt: one visible line each, bounded."""
    return [sanitise(line, MAX_LINE) for line in lines]


@cache
def _load(name: str) -> _File:
    path = _FOLDER / f"{name}.md"
    known = [file.stem for file in _FOLDER.glob("*.md")]
    if name not in known:
        raise UnknownName.among("prompt", name, known)
    source = path.read_text(encoding="utf-8")
    system, user = source.split(_MARK)
    environment = Environment(
        undefined=StrictUndefined,
        autoescape=select_autoescape(default_for_string=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    return _File(environment.from_string(system), environment.from_string(user), f"{name}@{digest}")
