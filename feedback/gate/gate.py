"""The gate itself: a list of rules, given once by the wiring."""

from collections.abc import Sequence
from typing import Any

from core.clock import from_ms
from core.learning import Check, Decided, Verdict
from feedback.gate.decision import Rule, decide
from feedback.gate.returns import Pooled
from feedback.gate.standard import STANDARD
from feedback.gate.subject import Subject
from feedback.gate.wording import say


class Gate:
    """Shows a subject to every rule and says what comes of it. Without rules everything passes: tests alone do that."""

    def __init__(self, rules: Sequence[Rule] = STANDARD) -> None:
        self.rules = tuple(rules)

    def judge(self, subject: Subject) -> Verdict:
        """The verdict on one subject: deterministic, without memory."""
        answers = [(rule.consequence, rule.check(subject)) for rule in self.rules]
        decision, decisive = decide(answers)
        checks = tuple(check for _, check in answers)
        line, line_ko = _summary(decision, decisive, checks)
        found = subject.findings
        test = found.test
        return Verdict(
            decision=decision,
            checks=checks,
            line=line,
            line_ko=line_ko,
            p_value=test.p_value if test else None,
            effect_per_day=test.mean if test else None,
            ci=test.interval() if test else None,
            prob_better=found.prob_better,
            mde=test.smallest_visible(found.level) if test else None,
            n_days=len(found.unseen),
            n_trades=subject.activity.candidate_trades if subject.activity else None,
            paired=paired_curve(subject.returns.pooled),
        )


def _summary(decision: Decided, decisive: Check | None, checks: Sequence[Check]) -> tuple[str, str]:
    """The verdict in one line: the decisive check's words, or those of the main test when all passed."""
    told = decisive or next((check for check in checks if check.name == "main_test"), None)
    english, korean = (told.line, told.line_ko) if told else ("no check was asked.", "확인한 항목이 없습니다.")
    return say(f"decision.{decision}", why=english)[0], say(f"decision.{decision}", why=korean)[1]


def paired_curve(pooled: Pooled) -> dict[str, Any]:
    """Both sides' pooled daily returns in plain JSON types: days are ISO dates of their starts in UTC."""
    return {
        "days": [from_ms(int(day)).date().isoformat() for day in pooled.days],
        "incumbent": [round(float(value), 10) for value in pooled.incumbent],
        "candidate": [round(float(value), 10) for value in pooled.candidate],
    }
