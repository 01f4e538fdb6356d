"""Both languages have the same words."""

import re
from pathlib import Path

from api.dashboard.words import words

TEMPLATES = Path("api/dashboard/templates")


def test_the_languages_have_the_same_keys() -> None:
    assert set(words("ko")) == set(words("en"))


def test_every_word_that_a_template_asks_for_exists() -> None:
    text = "".join(path.read_text("utf-8") for path in TEMPLATES.glob("*.html"))
    asked = set(re.findall(r"\bt\.(\w+)", text)) | set(re.findall(r't\["([^"]+)"\]', text))
    assert asked - {"get"} <= set(words("en"))
