"""The parse ladder: strict, one fence removed, repaired only where allowed."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.llm.parse import MAX_CHARACTERS, Rejected, parse


@pytest.mark.parametrize("text", ['{"a": 1}', ' \n\n{"a": 1}\n', '{"a": 1e0}'])
def test_a_json_object_is_read_as_it_stands(text):
    assert parse(text, repair=False).document == {"a": 1}
    assert parse(text, repair=False).how == "strict"


@pytest.mark.parametrize("text", ['```json\n{"a": 1}\n```', '```\n{"a": 1}```\n', '  ```JSON \n{"a": 1}\n  ```'])
def test_one_fence_around_the_whole_answer_is_removed(text):
    parsed = parse(text, repair=False)
    assert (parsed.document, parsed.how) == ({"a": 1}, "fenced")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "blank"),
        (" \n\t ", "blank"),
        ("x" * (MAX_CHARACTERS + 1), "too_long"),
        ("prose", "not_json"),
        ('{"to": 1', "not_json"),
        ('{"to": 1.5%}', "not_json"),
        ('Here it is: {"a": 1}', "not_json"),
        ('{"a": 1}{"b": 2}', "not_json"),
        ('```json\n{"a": 1}\n```\n```json\n{"a": 2}\n```', "not_json"),
        ('{"a": NaN}', "not_finite"),
        ('{"a": Infinity}', "not_finite"),
        ('{"a": -Infinity}', "not_finite"),
        ('{"a": 1e999}', "not_finite"),
        ('{"a": ' + "9" * 400 + "}", "not_finite"),
        ('{"a": ' + "9" * 5000 + "}", "not_finite"),
        ('{"a": 1, "a": 2}', "duplicate_key"),
        ('{"x": {"a": 1, "a": 1}}', "duplicate_key"),
        ("[1]", "not_an_object"),
        ('"text"', "not_an_object"),
        ("null", "not_an_object"),
        ("{}", "not_an_object"),
        ("[" * 150_000, "too_deep"),
        ('{"a":' * 30_000, "too_deep"),
    ],
)
def test_what_is_not_one_clean_json_object_is_rejected_with_its_reason(text, reason):
    with pytest.raises(Rejected) as rejected:
        parse(text, repair=False)
    assert rejected.value.reason == reason


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ('{"summary": "cut o', {"summary": "cut o"}),
        ('Here it is: {"a": "b"} Good luck!', {"a": "b"}),
        ('{"a": "b",}', {"a": "b"}),
        ('{"a": "b", "a": "c"}', {"a": "c"}),
    ],
)
def test_narrative_may_be_repaired_and_is_marked(text, document):
    parsed = parse(text, repair=True)
    assert (parsed.document, parsed.how) == (document, "repaired")


@pytest.mark.parametrize("text", ["prose only", "[" * 150_000, '{"a":' * 30_000, "", '"' * 50_000, "\ud800"])
def test_even_repair_gives_up_with_a_reason(text):
    with pytest.raises(Rejected):
        parse(text, repair=True)


@pytest.mark.parametrize(
    "text",
    ["```json\n" + " " * 150_000, "```\n" * 40_000, "{" * 400, '{"a":"' + 'b\\"' * 30_000, '{"a":"x" ' * 5_000],
)
def test_no_text_keeps_the_parser_busy(text):
    started = time.monotonic()
    with pytest.raises(Rejected):
        parse(text, repair=False)
    assert time.monotonic() - started < 1


PIECES = [
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    ":",
    ",",
    "\\",
    "\n",
    " ",
    "a",
    "1",
    "-",
    ".",
    "//",
    "/*",
    "```",
    "json",
    "NaN",
    "“",
    "\x00",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=200), st.booleans())
def test_any_text_is_either_an_object_or_rejected(text, repair):
    with contextlib.suppress(Rejected):
        parsed = parse(text, repair=repair)
        assert isinstance(parsed.document, dict)
        assert parsed.how != "repaired" or repair
