"""The gain does not come from trading several times as much, which real markets would charge for.

Measured by the fees paid, which grow with what is turned over.
"""

from core.learning import Check
from feedback.gate.subject import Subject
from feedback.gate.wording import failed, passed, unknown

NAME = "turnover"
LARGEST_RATIO = 3.0


def check(subject: Subject) -> Check:
    activity = subject.activity
    if activity is None or not activity.incumbent_fees or activity.candidate_fees is None:
        return unknown(NAME)
    ratio = activity.candidate_fees / activity.incumbent_fees
    answer = passed if ratio <= LARGEST_RATIO else failed
    return answer(NAME, ratio, LARGEST_RATIO)
