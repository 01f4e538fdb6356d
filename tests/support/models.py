"""Models by script: what they answer to each of the loop's requests, over HTTP (see llm_server)."""

import re
from collections.abc import Mapping
from typing import Any

from tests.support.llm_server import Recorded, Reply, Responder, failing, ok

#: The first line of each prompt.
PROPOSALS, REVIEW, LOSSES = "# Daily proposals", "# Daily review", "# Loss review"
_WIN_RATE = re.compile(r"^\W*(F\d+)\b.*win rate", re.MULTILINE | re.IGNORECASE)
_TRADE_LABEL = re.compile(r"^Trade (T\d+)$", re.MULTILINE)


def review(request: Recorded) -> Reply:
    """A short review without a number."""
    return ok({"summary": [{"text": "An ordinary day.", "facts": []}]})


def misstating_the_win_rate(request: Recorded) -> Reply:
    """A review that names the fact of the win rate and states another number; an ordinary one where there is none."""
    found = _WIN_RATE.search(request.prompt)
    if found is None:
        return review(request)
    return ok({"summary": [{"text": "The win rate was 99.7 %.", "facts": [found.group(1)]}]})


def explanation(request: Recorded) -> Reply:
    """One cause and one lesson for every trade that was asked about."""
    labels = _TRADE_LABEL.findall(request.prompt)
    return ok({"losses": [{"trade": label, "cause": "An ordinary loss.", "lesson": "None."} for label in labels]})


def nothing(request: Recorded) -> Reply:
    """Suggests no change."""
    return ok({"adjustments": {}})


def adjustments(values: Mapping[str, Mapping[str, float]]) -> Responder:
    """Suggests these values, by instance, whatever is asked."""
    words: dict[str, Any] = {"adjustments_reason": "F1 says so.", "confidence": 0.6}
    return lambda _: ok({"adjustments": {name: {**changes, **words} for name, changes in values.items()}})


def model(*, proposals: Responder = nothing, reviews: Responder = review, losses: Responder = explanation) -> Responder:
    """A model that tells the loop's requests apart by their prompts and refuses every other one."""
    by_title = {PROPOSALS: proposals, REVIEW: reviews, LOSSES: losses}

    def answer(request: Recorded) -> Reply:
        title = request.prompt.lstrip().partition("\n")[0]
        return by_title.get(title, lambda _: failing(400))(request)

    return answer


def environment_of(url: str) -> dict[str, str]:
    """The settings of a home whose model answers at `url`."""
    return {"DEEPSEEK_API_KEY": "sk-test-0123456789", "TRADELOOP_LLM_BASE_URL": url}
