"""Every return is a number."""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed

NAME = "clean_data"


def check(subject: Subject) -> Check:
    defects, rows = subject.returns.defects, int(subject.returns.present.sum())
    if defects or not rows:
        return failed(NAME, float(defects), 0.0, rows=rows)
    return passed(NAME, 0.0, 0.0, rows=rows)
