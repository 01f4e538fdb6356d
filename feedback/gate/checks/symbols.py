"""No symbol is missing on days on which the others have data: what is left out may be what was lost."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed

NAME = "symbols"
LEAST_COVERAGE = 0.98


def check(subject: Subject) -> Check:
    coverage = subject.returns.coverage
    if not coverage:
        return failed(NAME, 0.0, LEAST_COVERAGE, symbol="–")
    symbol = min(coverage, key=lambda name: coverage[name])
    if coverage[symbol] < LEAST_COVERAGE:
        return failed(NAME, coverage[symbol], LEAST_COVERAGE, symbol=symbol)
    return passed(NAME, coverage[symbol], LEAST_COVERAGE, count=len(coverage))
