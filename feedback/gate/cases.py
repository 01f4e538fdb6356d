"""Judge many cases, each by itself: `tradeloop gate --cases`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.clock import DAY_MS
from core.errors import InvalidInput, TradeloopError
from core.learning import Check, Verdict
from core.market import Times
from feedback.gate.case_line import CaseLine, case_id_of, parse_line
from feedback.gate.diagnostics import diagnose
from feedback.gate.findings import seed_of
from feedback.gate.gate import Gate
from feedback.gate.plugin_case import plugin_subject
from feedback.gate.returns import Window
from feedback.gate.returns_file import read_returns, read_trials
from feedback.gate.subject import Subject
from feedback.gate.wording import say


def case_lines(file: Path) -> list[str]:
    """The lines of a cases file that are not blank; raises InvalidInput where it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise InvalidInput(f"{file} could not be read: {error.strerror}.", field="cases") from error
    return [line for line in text.splitlines() if line.strip()]


def diagnose_line(text: str, folder: Path) -> dict[str, Any]:
    """The diagnostics of one line, which never decide; empty where there are no returns to read."""
    try:
        case = parse_line(text, folder)
        if case.returns is None:
            return {}
        returns = read_returns(case.returns).returns
        trials = read_trials(case.returns, returns)
    except TradeloopError:
        return {}
    pooled = returns.pooled
    unseen = window_of(case, returns.days).unseen(pooled.days)
    return diagnose(pooled.where(unseen), trials[:, unseen], seed_of(pooled.difference))


def judge_cases(file: Path, gate: Gate) -> Iterator[dict[str, Any]]:
    """One verdict document for each line, in order. A line says nothing about any other line."""
    for text in case_lines(file):
        yield judge_line(text, file.parent, gate)


def judge_line(text: str, folder: Path, gate: Gate) -> dict[str, Any]:
    """The verdict document of one line; a line that cannot be read is insufficient data, with the reason."""
    try:
        case = parse_line(text, folder)
        verdict = gate.judge(_subject(case))
    except TradeloopError as error:
        verdict = _unreadable(str(error))
    document = verdict.as_document()
    return {"case_id": case_id_of(text), **document}


def _subject(case: CaseLine) -> Subject:
    return plugin_subject(case, window_of) if case.returns is None else _returns_subject(case, case.returns)


def _returns_subject(case: CaseLine, file: Path) -> Subject:
    """A case judged on its returns alone: what needs a declaration, a history or candles is not known."""
    found = read_returns(file)
    return Subject(
        source=case.source,
        n_trials=max(case.n_trials, found.trials),
        window=window_of(case, found.returns.days),
        returns=found.returns,
        incumbent=case.incumbent,
        candidate=case.candidate,
    )


def window_of(case: CaseLine, days: Times) -> Window:
    """What the author has seen: as stated, or the last days of the data."""
    if case.seen is not None:
        return case.seen
    end = int(days[-1]) + DAY_MS if len(days) else 0
    return Window(end - (case.seen_days or 0) * DAY_MS, end)


def _unreadable(why: str) -> Verdict:
    english, korean = say("decision.unreadable", why=why)
    return Verdict("insufficient_data", (Check("readable", False, None, None, english, korean),), english, korean)
