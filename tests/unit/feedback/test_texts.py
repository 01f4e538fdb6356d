"""The loop's own sentences: both languages say the same things."""

from string import Formatter

import pytest

from core.errors import UnknownName
from core.regimes import REGIMES, UNKNOWN
from core.trading import ExitReason, RefusalReason
from feedback.texts import Texts, catalogue_of


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_catalogues_have_the_same_sentences_with_the_same_placeholders() -> None:
    korean, english = catalogue_of("ko"), catalogue_of("en")
    assert korean.keys() == english.keys()
    differing = [key for key in english if _placeholders(korean[key]) != _placeholders(english[key])]
    assert differing == []


def test_an_unknown_sentence_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownName, match=r"review\.best"):
        Texts("en").say("review.bset")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_stored_word_has_a_name(language: str) -> None:
    catalogue = catalogue_of(language)  # type: ignore[arg-type]
    words = {f"exit_reason.{reason.name.lower()}" for reason in ExitReason}
    words |= {f"refusal.{reason.name.lower()}" for reason in RefusalReason} | {"refusal.near"}
    words |= {f"regime.{regime}" for regime in (*REGIMES, UNKNOWN)}
    assert words <= catalogue.keys()


def test_a_name_without_translation_stays_as_it_is() -> None:
    assert Texts("ko").name("regime", "cluster_7") == "cluster_7"
