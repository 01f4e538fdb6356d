"""Cases files: every line gets an answer, whatever is in it."""

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.truth.classes import make
from benchmarks.truth.files import write_cases
from benchmarks.truth.market import MarketSettings
from feedback.gate.cases import judge_cases, judge_line
from feedback.gate.gate import Gate
from service.commands.gate import command

NOT_KNOWN_HERE = {"bounds", "max_change", "base_version", "in_flight", "cooldown", "retest", "enough_trades", "referee"}


def _line(**changes: Any) -> dict[str, Any]:
    made = {
        "case_id": "a",
        "strategy": "market_making",
        "source": "llm",
        "n_trials": 1,
        "now": "2025-09-14T00:00:00Z",
        "seen": {"start": "2025-08-15T00:00:00Z", "end": "2025-09-14T00:00:00Z"},
        "incumbent": {"x": 1},
        "candidate": {"x": 1},
        "returns": "a.csv",
    }
    return {**made, **changes}


def _rows(candidate: str = "0.002", days: int = 256) -> str:
    dates = [f"2025-{1 + d // 28:02d}-{1 + d % 28:02d}" for d in range(days)]
    body = [f"{date},{s},0.001,{candidate}" for date in dates for s in ("A", "B")]
    return "\n".join(["ts,symbol,incumbent,candidate", *body]) + "\n"


def _judge(folder: Path, *lines: str, csv: str = "") -> list[dict[str, Any]]:
    (folder / "a.csv").write_text(csv or _rows())
    file = folder / "cases.jsonl"
    file.write_text("\n".join(lines) + "\n")
    return list(judge_cases(file, Gate()))


def test_known_cases_are_judged_as_they_deserve_and_in_any_order(tmp_path: Path) -> None:
    settings = MarketSettings()
    cases = [("good", make("better_27", settings, 900_001)), ("bad", make("worse", settings, 900_002))]
    forwards = list(judge_cases(write_cases(tmp_path / "one", cases), Gate()))
    backwards = list(judge_cases(write_cases(tmp_path / "two", reversed(cases)), Gate()))
    assert [(one["case_id"], one["decision"]) for one in forwards] == [("good", "approve"), ("bad", "reject")]
    assert backwards == forwards[::-1]


def test_a_case_of_returns_is_judged_on_its_returns_alone(tmp_path: Path) -> None:
    (verdict,) = _judge(tmp_path, json.dumps(_line()))
    unknown = {check["name"] for check in verdict["checks"] if check["ok"] is None}
    assert unknown >= NOT_KNOWN_HERE
    assert verdict["n_trades"] is None
    capped = next(check for check in verdict["checks"] if check["name"] == "candles_only")
    assert capped["ok"] is True


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not JSON"),
        ("[1]", "no JSON object"),
        (json.dumps(_line(returns=None)), "neither returns nor candles"),
        (json.dumps(_line(returns="missing.csv")), "could not be read"),
        (json.dumps(_line(seen=None)), "seen"),
        (json.dumps(_line(seen={"start": "2025-02-01", "end": "2025-01-01"})), "ends before"),
        (json.dumps(_line(seen={"start": "soon", "end": "2025-01-01"})), "no time"),
        (json.dumps(_line(n_trials=0)), "n_trials"),
        (json.dumps(_line(source="oracle")), "source"),
        (json.dumps(_line(candidate=3)), "candidate"),
    ],
)
def test_a_line_that_cannot_be_read_says_why(tmp_path: Path, line: str, why: str) -> None:
    (verdict,) = _judge(tmp_path, line)
    assert verdict["decision"] == "insufficient_data"
    assert why in verdict["line"]


@pytest.mark.parametrize(
    ("csv", "why"),
    [
        ("ts,symbol,incumbent\n2025-01-01,A,0.1\n", "no column 'candidate'"),
        ("ts,symbol,incumbent,candidate\n", "no rows"),
        ("ts,symbol,incumbent,candidate\nnever,A,0.1,0.1\n", "could not be read"),
        ("ts,symbol,incumbent,candidate\n2025-01-01,A,0.1,0.1\n2025-01-01,A,0.1,0.1\n", "two rows"),
        (_rows("oops"), "could not be read"),
        (_rows(""), "not numbers"),
        (_rows("NaN"), "not numbers"),
        (_rows("inf"), "not numbers"),
        ("\x00\xff", "no column"),
    ],
)
def test_returns_that_cannot_be_used_say_why(tmp_path: Path, csv: str, why: str) -> None:
    (verdict,) = _judge(tmp_path, json.dumps(_line()), csv=csv)
    assert verdict["decision"] == "insufficient_data"
    assert why in verdict["line"]


def test_trial_columns_count_as_trials(tmp_path: Path) -> None:
    header = "ts,symbol,incumbent,candidate,trial_0,trial_1\n"
    csv = header + "".join(row + ",0,0\n" for row in _rows().splitlines()[1:])
    (verdict,) = _judge(tmp_path, json.dumps(_line()), csv=csv)
    main = next(check for check in verdict["checks"] if check["name"] == "main_test")
    assert main["limit"] == 0.05


def test_diagnostics_are_told_on_request_and_change_no_decision(tmp_path: Path) -> None:
    file = write_cases(tmp_path, [("b", make("best_of_20", MarketSettings(), 900_003))], trials=20)
    found = {}
    for wish in ([], ["--diagnostics"]):
        out = tmp_path / "out.jsonl"
        done = CliRunner().invoke(command, ["--cases", str(file), "--out", str(out), *wish])
        assert done.exit_code == 0, done.output
        found[bool(wish)] = json.loads(out.read_text())
    figures = found[True].pop("diagnostics")
    assert found[True] == found[False]
    assert set(figures) == {"psr", "dsr", "pbo", "spa_p", "stepm_better", "q_value"}
    assert figures["q_value"] == found[True]["p_value"]


def test_the_command_answers_every_line_in_strict_json(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(_rows())
    lines = [json.dumps(_line()), "", "{", json.dumps(_line(case_id=7, returns="none.csv"))]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines))
    out = tmp_path / "verdicts.jsonl"
    done = CliRunner().invoke(command, ["--cases", str(tmp_path / "cases.jsonl"), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["cases"] == 3
    verdicts = [json.loads(text, parse_constant=pytest.fail) for text in out.read_text().splitlines()]
    assert [one["case_id"] for one in verdicts] == ["a", None, 7]
    assert all(one["line"] for one in verdicts)


def test_whatever_a_line_holds_it_gets_one_answer_in_strict_json(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(_rows(days=40))
    chance = random.Random(4)
    strange = [None, -1, 1e308, 10**30, math.nan, "", "\x00", "../..", "/", "9999-12-31", [], {}, True]
    strange += [{"start": -1e18, "end": 1e18}, {"start": "0001-01-01", "end": "9999-12-31T23:59:59Z"}]
    names = [*_line(), "seen_days", "candles", "strategy_plugin"]
    for number in range(300):
        line = _line()
        for name in chance.sample(names, chance.randint(1, 3)):
            line[name] = chance.choice(strange)
        text = json.dumps(line)
        verdict = judge_line(text[: chance.randint(0, len(text))] if number % 5 == 0 else text, tmp_path, Gate())
        json.dumps(verdict, allow_nan=False)
        assert verdict["decision"] == "insufficient_data"
        assert verdict["line"]
