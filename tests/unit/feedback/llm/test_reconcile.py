"""Every number a review states is held against the facts it cites, in Korean and in English."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.facts import Fact
from feedback.llm.answers import LossReviewAnswer, ReviewAnswer
from feedback.llm.numbers import numbers_in, readable
from feedback.llm.reconcile import check_item, check_losses, check_review
from feedback.texts import Texts, catalogue_of

FACTS = {
    fact.id: fact
    for fact in [
        Fact("F1", "Trades: 14, wins 9, losses 5", 14, "count"),
        Fact("F2", "Win rate: 64.3 %", 64.2857, "%"),
        Fact("F3", "Net P&L after fees: -12.40", -12.4, "quote"),
        Fact("F4", "Gross P&L: 1,234.56", 1234.56, "quote"),
        Fact("F5", "Profit factor: 1.35", 1.3472, "ratio"),
        Fact("F6", "Largest drawdown: 3.2 %", 3.2, "%"),
        Fact("F7", "Average holding time: 42 minutes", 42.0, "minutes"),
        Fact("F8", "Average slippage: 1.5 bps", 1.5, "bps"),
        Fact("F9", "Return: -0.82 %", -0.8172, "%"),
        Fact("F10", "Notional traded: 123,456,789", 123_456_789, "quote"),
        Fact("F11", "entry_threshold is 0.004", 0.004, ""),
        Fact("F12", "Worst trade: BTCUSDT long -45.20", -45.2, "quote"),
        Fact("F13", "Share of stopped exits: 0.25", 0.25, "ratio"),
        Fact("F14", "Funding received less paid: -3.20", -3.2, "quote"),
        Fact("F15", "Fees paid: 5.20", 5.2, "quote"),
        Fact("F16", "시장 BTCUSDT 11-20 09:00–11-20 11:30 추세: +1.25 %", 1.25, "%"),
        Fact("N1", "Be careful on Fridays", None),
    ]
}


def state(text: str, *cited: str) -> str:
    return check_item(text, cited, FACTS).state


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("The win rate was 64.3 %.", ["F2"]),
        ("승률은 64%였다.", ["F2"]),
        ("승률 64.29퍼센트", ["F2"]),
        ("A win rate of 0.643", ["F2"]),
        ("Win rate was ６４．３％", ["F2"]),
        ("14건 중 9건이 이기고 5건이 졌다.", ["F1"]),
        ("Net P&L was −12.40 USDT.", ["F3"]),
        ("The day lost 12.4 USDT after fees.", ["F3"]),
        ("순손익은 12.40 USDT 손실이었다.", ["F3"]),
        ("수수료 후 -12.40 USDT", ["F3"]),
        ("Gross profit of $1,234.56", ["F4"]),
        ("Gross profit of about $1,200", ["F4"]),
        ("Gross profit of 1.2k", ["F4"]),
        ("총이익은 약 1200 USDT", ["F4"]),
        ("거래대금은 1억 2,346만", ["F10"]),
        ("거래대금은 1.23억", ["F10"]),
        ("거래대금은 12346만 원", ["F10"]),
        ("Notional of 123.5 million", ["F10"]),
        ("Profit factor 1.35 (또는 1.347)", ["F5"]),
        ("Drawdown reached 3.2%.", ["F6"]),
        ("최대 낙폭 -3.2%", ["F6"]),
        ("Positions were held for 42 minutes, about 0.7 hours.", ["F7"]),
        ("슬리피지는 1.5bp, 즉 0.015%였다.", ["F8"]),
        ("The account fell 0.82 %.", ["F9"]),
        ("수익률 -0.8%", ["F9"]),
        ("The threshold of 0.004 was rarely met.", ["F11"]),
        ("The worst trade cost 45.20.", ["F12"]),
        ("A quarter, 25 %, of exits were stops.", ["F13"]),
        ("On 2026-11-20 at 09:30 the 1st signal of BTCUSDT (F1) on EMA20 came.", ["F1"]),
        ("11월 20일 14시에 1위였다.", ["F1"]),
        ("In the last 24 hours 14 trades were made.", ["F1"]),
        ("거래 14건은 5분봉 기준이다.", ["F1"]),
        ("Nothing was unusual.", ["F1"]),
        ("Nothing was unusual.", []),
        ("금요일에는 조심하라는 메모가 있다.", ["N1"]),
        ("64.3 % of 14 trades won and the result was -12.40.", ["F1", "F2", "F3"]),
        ("Between 9 and 14 trades.", ["F1"]),
        ("We paid 3.20 USDT of funding.", ["F14"]),
        ("펀딩비로 3.20 USDT를 지불했다.", ["F14"]),
        ("We paid 5.20 USDT in fees.", ["F15"]),
        ("BTCUSDT는 1.25% 올랐다.", ["F16"]),
    ],
)
def test_what_the_facts_say_reconciles(text, cited):
    check = check_item(text, cited, FACTS)
    assert check.state == "reconciled", check.line


@pytest.mark.parametrize(
    ("text", "cited", "stated"),
    [
        ("The win rate was 83 %.", ["F2"], "83 %"),
        ("승률은 65%였다.", ["F2"], "65%"),
        ("승률은 64.4%였다.", ["F2"], "64.4%"),
        ("The win rate was 14 %.", ["F1"], "14 %"),
        ("There were 64 trades.", ["F2"], "64"),
        ("15 trades were made.", ["F1"], "15"),
        ("Net P&L was +12.40 USDT.", ["F3"], "+12.40"),
        ("Net P&L was 12.40 USDT, a good day.", ["F3"], "12.40"),
        ("순손익은 12.40 USDT 이익이었다.", ["F3"], "12.40"),
        ("We lost 1,234.56 USDT.", ["F4"], "1,234.56"),
        ("Gross P&L was -1,234.56", ["F4"], "-1,234.56"),
        ("Gross profit of $1,300", ["F4"], "$1,300"),
        ("거래대금은 2억", ["F10"], "2억"),
        ("Notional of 124.5 million", ["F10"], "124.5 million"),
        ("Positions were held for 90 minutes.", ["F7"], "90 minutes"),
        ("수익률 +0.8%", ["F9"], "+0.8%"),
        ("Profit factor 2.35", ["F5"], "2.35"),
        ("The win rate was 64.3 %.", ["F1"], "64.3 %"),
        ("펀딩으로 3.20 USDT를 받았다.", ["F14"], "3.20"),
        ("BTCUSDT는 11 올랐다.", ["F16"], "11"),
        ("BTCUSDT는 1.25% 하락했다.", ["F16"], "1.25%"),
    ],
)
def test_what_the_facts_do_not_say_contradicts_and_names_number_and_fact(text, cited, stated):
    check = check_item(text, cited, FACTS)
    assert check.state == "contradicts"
    assert [(c.stated, c.fact_id) for c in check.contradictions] == [(stated, cited[0])]


def test_the_nearest_cited_fact_is_named():
    check = check_item("Of 14 trades 71 % won.", ["F3", "F1", "F2"], FACTS)
    assert check.line == "71 %: F2 says 'Win rate: 64.3 %'"


def test_numbers_without_a_fact_are_uncited_and_unknown_facts_contradict():
    assert state("The win rate was 64.3 %.") == "uncited"
    assert check_item("Calm.", ["F99"], FACTS).line == "F99: there is no such fact"
    assert state("The win rate was 64.3 %.", "F2", "F99") == "contradicts"


def test_a_review_with_a_wrong_win_rate_does_not_reconcile():
    right = {"text": "Net P&L was -12.40.", "facts": ["F3"]}
    wrong = {"text": "승률은 83%로 훌륭했다.", "facts": ["F2"]}
    good = check_review(ReviewAnswer.model_validate({"summary": right}), list(FACTS.values()))
    bad = check_review(ReviewAnswer.model_validate({"summary": right, "tomorrow": wrong}), list(FACTS.values()))
    assert good.reconciles
    assert not good.discrepancies
    assert not bad.reconciles
    assert bad.discrepancies == ["tomorrow[0]: 83%: F2 says 'Win rate: 64.3 %'"]


def test_a_wrong_win_rate_without_any_citation_does_not_reconcile_either():
    review = ReviewAnswer.model_validate({"summary": "The win rate was 83 %."})
    assert not check_review(review, list(FACTS.values())).reconciles


def test_losses_are_checked_by_their_trade():
    answer = LossReviewAnswer.model_validate(
        {"losses": [{"trade": "T1", "cause": "It lost 99.", "lesson": "None.", "facts": ["F12"]}]}
    )
    assert check_losses(answer, list(FACTS.values())).discrepancies[0].startswith("T1: 99")


@pytest.mark.parametrize(
    ("text", "tolerance"),
    [
        ("50 %", 0.5),
        ("50.0 %", 0.05),
        ("about 50 %", 5),
        ("30-50 %", 0.5),
        ("약 1,200", 50),
        ("1.2k", 50),
        ("3만", 5000),
    ],
)
def test_the_digits_stated_say_how_precise_a_number_is(text, tolerance):
    *_, last = numbers_in(readable(text))
    assert last.tolerance == pytest.approx(tolerance)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3~5% 하락", [(3, "percent"), (5, "percent")]),
        ("3–5 days", [(4320, "minutes"), (7200, "minutes")]),
        ("1만 2천 원", [(12_000, "plain")]),
        ("3만5천", [(35_000, "plain")]),
        ("3억 5,000만 원", [(350_000_000, "plain")]),
        ("-$45.20, $-3, +2", [(45.2, "plain"), (3, "plain"), (2, "plain")]),
        ("F12 T1 EMA20 1000PEPEUSDT v3 #4", []),
        ("2x leverage, 0.5배", [(2, "plain"), (0.5, "plain")]),
        ("1. First 20", [(20, "plain")]),
        ("12, 13 and 14.", [(12, "plain"), (13, "plain"), (14, "plain")]),
        ("3f2a9c1d-aaaa-4bbb-8ccc-123456789012", []),
        ("하락 15bp", [(0.15, "percent")]),
        ("2000-2500 trades", [(2000, "plain"), (2500, "plain")]),
        ("2026-11, 2026-11-20T09:30:00Z, 11-20 09:30, 2026년 11월 20일", []),
    ],
)
def test_numbers_are_read_in_their_units(text, values):
    assert [(pytest.approx(n.value), n.kind) for n in numbers_in(readable(text))] == values


PIECES = [
    "9",
    "0",
    ".",
    ",",
    "%",
    "-",
    "+",
    "~",
    " ",
    "약",
    "만",
    "억",
    "천",
    "원",
    "F1",
    "분",
    "bp",
    "lost",
    "$",
    "9" * 400,
    "년",
    "위",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=200))
def test_any_text_can_be_checked(text):
    assert check_item(text, ["F2", "F3"], FACTS).state in ("reconciled", "contradicts")


WORDS = {
    "dimension": "strategy",
    "name": "momentum_scalping.BTCUSDT",
    "rank": 2,
    "trade": "momentum_scalping.BTCUSDT-20261120-0042",
    "side": "long",
    "exit": "stop loss",
    "symbol": "BTCUSDT",
    "start": "11-20 09:00",
    "end": "11-20 11:30",
    "regime": "range",
}
LINES = [(language, key) for language in ("ko", "en") for key in catalogue_of(language) if key.startswith("fact.")]


@settings(deadline=None)
@given(value=st.floats(-1e7, 1e7) | st.integers(-50, 50).map(float))
@pytest.mark.parametrize(("language", "key"), LINES)
def test_every_line_of_our_own_reconciles_with_its_fact(language, key, value):
    line = Texts(language).say(key, value=value, **WORDS)
    fact = Fact("F1", line, value, "%" if "%" in line else "quote")
    check = check_item(line, ["F1"], {"F1": fact})
    assert check.state == "reconciled", check.line
