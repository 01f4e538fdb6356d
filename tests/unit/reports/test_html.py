"""The report is one safe, small, accessible file that says just what the story says."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from core.market import DataQuality
from core.story import DailyStory
from reports.formats import arrow, change, money, percent, price
from reports.html import HtmlReports, render
from reports.svg import POINTS_LIMIT, thinned
from tests.unit.reports.stories import START, proposal, story, summary

HOSTILE = "<script>alert(1)</script><img src=x onerror=y>\u202e"


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_the_page_tells_the_story_in_its_language() -> None:
    text = _Page(render(story())).text
    for words in (
        "+62.75",
        "58.3 %",
        "12 trades closed",
        "0.006",
        "0.005",
        "-16.7%",
        "Inside all bounds.",
        "SIMULATED",
    ):
        assert words in text
    korean = _Page(render(story(language="ko"))).text
    assert "일일 리뷰" in korean
    assert "모든 범위 안입니다." in korean
    assert "Inside all bounds." not in korean


def test_nothing_is_loaded_from_anywhere() -> None:
    page = render(story())
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", page)
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert len(page.encode()) < 300_000


def test_hostile_text_stays_text() -> None:
    poisoned = proposal(reason=HOSTILE, instance_id=HOSTILE)
    review = replace(story().review, content={"summary": [{"text": HOSTILE, "facts": [HOSTILE]}]}, note=HOSTILE)
    page = _Page(render(story(proposals=[replace(story().proposals[0], proposal=poisoned)], review=review)))
    assert not [tag for tag, _ in page.tags if tag in ("script", "img")]
    assert "<script>alert(1)</script>" in page.text


def test_every_table_has_a_caption_and_every_chart_a_title_and_a_table() -> None:
    page = render(story())
    assert page.count("<table>") == page.count("<caption>")
    assert page.count("<svg") == page.count("<title id=") == page.count("<details>")
    assert _Page(page).tags[0] == ("html", {"lang": "en"})
    ids = [attrs["id"] for _, attrs in _Page(page).tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert sum(tag == "h1" for tag, _ in _Page(page).tags) == 1


def test_a_quiet_day_and_a_bad_day_say_so() -> None:
    empty = summary(
        trades=0, wins=0, losses=0, win_rate=None, profit_factor=None, expectancy=None, max_drawdown=None, net_pnl=0.0
    )
    facts = replace(
        story().facts,
        total=empty,
        groups={},
        best=[],
        worst=[],
        equity=[],
        judgeable=False,
        quality_reasons=("BTCUSDT: 300 minutes are missing (20.8 %).",),
        quality=DataQuality(bars=1140, missing_minutes=300),
    )
    text = _Page(render(story(facts=facts, proposals=[]))).text
    assert "too bad to judge" in text
    assert "300 minutes are missing" in text
    assert "Nothing was proposed." in text
    assert "No trade was closed." in text


def test_a_review_that_does_not_reconcile_is_marked() -> None:
    review = replace(story().review, reconciled=False, discrepancies=("win rate 90 % is 58.3 % in F2",))
    assert "win rate 90 % is 58.3 % in F2" in _Page(render(story(review=review))).text


def test_writing_again_replaces_the_page(tmp_path: Path) -> None:
    reports = HtmlReports(tmp_path)
    first = reports.daily(story())
    again = reports.daily(story(language="ko"))
    assert first == again == tmp_path / "daily" / "2025-05-05.html"
    assert "일일 리뷰" in again.read_text()
    assert [path.name for path in again.parent.iterdir()] == ["2025-05-05.html"]


def test_both_languages_have_the_same_words() -> None:
    ko, en = (json.loads((files("reports") / "locales" / f"{x}.json").read_text()) for x in ("ko", "en"))
    assert set(ko) == set(en)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (money(1234.5), "+1,234.50"),
        (money(-0.004), "-0.00"),
        (money(None), "–"),
        (percent(0.58333), "58.3 %"),
        (price(0.00001234), "0.00001234"),
        (price(94250.5), "94,250.5"),
        (change(0.0, 1.0), "–"),
        (change(-2.0, -1.0), "+50.0%"),
        (arrow(-1), "▼"),
        (arrow(0), ""),
    ],
)
def test_numbers_look_as_agreed(shown: str, expected: str) -> None:
    assert shown == expected


def test_a_long_curve_is_thinned_but_keeps_its_ends() -> None:
    series = [(START, float(n)) for n in range(10_000)]
    shown = thinned(series)
    assert len(shown) == POINTS_LIMIT
    assert (shown[0], shown[-1]) == (series[0], series[-1])


def test_the_story_of_a_week_has_its_own_folder(tmp_path: Path) -> None:
    week: DailyStory = story(kind="weekly")
    assert HtmlReports(tmp_path).weekly(week).parent.name == "weekly"
