"""Many probations in one stream of lines: each is answered before the next is read, and a bad one harms nobody."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import InvalidInput
from feedback.probation.belief import Prior
from feedback.probation.rule import ProbationRule

#: Both sides of a day: one number, or one per symbol.
Day = float | list[float | None]


class PriorLine(BaseModel):
    """The gate's estimate, in the unit of new and old."""

    mean: float = Field(allow_inf_nan=False)
    sd: float = Field(gt=0, allow_inf_nan=False)


class DayLine(BaseModel):
    """One day of one series. What else a line holds is passed over."""

    model_config = ConfigDict(extra="ignore")

    series: str | int
    sigma: float = Field(gt=0, allow_inf_nan=False)
    t: int | float | str | None = None
    new: Day = Field(union_mode="left_to_right")
    old: Day = Field(union_mode="left_to_right")
    prior: PriorLine | None = None


class ProbationStream:
    """Remembers one rule per series; sigma and prior of a series' first line count."""

    def __init__(self) -> None:
        self._rules: dict[str | int, ProbationRule] = {}

    def answer(self, line: str) -> dict[str, Any]:
        """{"series", "t", "action", "prob_worse"} or, for a line that cannot be used, {"error"} (and the series)."""
        try:
            document = json.loads(line)
        except (ValueError, RecursionError) as error:
            return {"error": f"This line is not JSON: {error}"}
        try:
            return self._answer(DayLine.model_validate(document))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            return _refusal(document, f"{'.'.join(map(str, first['loc'])) or 'line'}: {first['msg']}")
        except InvalidInput as error:
            return _refusal(document, str(error))

    def _answer(self, day: DayLine) -> dict[str, Any]:
        rule = self._rules.get(day.series) or _new_rule(day)
        step = rule.observe(day.new, day.old)
        self._rules[day.series] = rule
        return {"series": day.series, "t": day.t, "action": step.action, "prob_worse": step.prob_worse}


def _new_rule(day: DayLine) -> ProbationRule:
    return ProbationRule(day.sigma, Prior(day.prior.mean, day.prior.sd) if day.prior else None)


def _refusal(document: Any, why: str) -> dict[str, Any]:
    series = document.get("series") if isinstance(document, dict) else None
    return {"series": series, "error": why} if isinstance(series, str | int) else {"error": why}
