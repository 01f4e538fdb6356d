"""Does a text say what its facts say? Every stated number is compared with the facts that its item cites.

A number agrees with a fact if it is the fact's value, or a number in the fact's line, rounded to the digits stated.
Signs count: a loss told as a gain contradicts. Lengths of time are compared only where a cited fact has one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.facts import Fact
from feedback.llm.answers import LossReviewAnswer, ReviewAnswer
from feedback.llm.numbers import Kind, Number, numbers_in, readable

State = Literal["reconciled", "contradicts", "uncited"]

_LOSS_WORD = re.compile(
    r"loss|lost|lose|losing|\bdown\b|fell|fall|drop|declin|drawdown|worst|negativ|deficit|"
    r"손실|손해|적자|하락|감소|낙폭|최악|마이너스|잃",
    re.IGNORECASE,
)
_CURRENCY = r"\s?(?:USDT|USDC|USD|KRW|dollars?|달러|원)?(?:의|을|를)?\s?"
_LOSS_BEFORE = re.compile(
    r"(?:lost|loss of|down|fell|dropped|minus|손실|적자|마이너스)\s*(?:by\s|약\s?|about\s)?$", re.I
)
_LOSS_AFTER = re.compile(rf"^{_CURRENCY}(?:loss\b|손실|적자|하락|잃)", re.I)
_PAID_BEFORE = re.compile(r"(?:paid|cost|costs|costing)\s(?:us\s|about\s)?$", re.I)
_PAID_AFTER = re.compile(rf"^{_CURRENCY}(?:in costs?\b|지불|지급)", re.I)
_SENTENCE = re.compile(r"(?<=[.!?다요음])\s+")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A stated number that no cited fact bears out; `fact_id` is the cited fact that comes nearest, if any."""

    stated: str
    fact_id: str | None
    fact: str

    @property
    def line(self) -> str:
        return f"{self.stated}: {self.fact_id} says {self.fact!r}" if self.fact_id else f"{self.stated}: {self.fact}"


@dataclass(frozen=True, slots=True)
class ItemCheck:
    """What the check of one item found."""

    state: State
    contradictions: tuple[Contradiction, ...] = ()
    uncited: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        if self.uncited:
            return f"no fact is cited for {', '.join(self.uncited)}"
        return "; ".join(contradiction.line for contradiction in self.contradictions)


@dataclass(frozen=True, slots=True)
class TextCheck:
    """The checks of a whole answer, by the place of each item."""

    items: Mapping[str, ItemCheck]

    @property
    def reconciles(self) -> bool:
        return all(check.state == "reconciled" for check in self.items.values())

    @property
    def discrepancies(self) -> list[str]:
        """One line for each item that does not reconcile."""
        return [f"{place}: {check.line}" for place, check in self.items.items() if check.state != "reconciled"]


def check_review(answer: ReviewAnswer, facts: Sequence[Fact]) -> TextCheck:
    """Check every item of a review; `facts` are the numbered lines (and notes) that the model was given."""
    known = {fact.id: fact for fact in facts}
    return TextCheck({place: check_item(item.text, item.facts, known) for place, item in answer.items().items()})


def check_losses(answer: LossReviewAnswer, facts: Sequence[Fact]) -> TextCheck:
    """Check cause and lesson of every losing trade."""
    known = {fact.id: fact for fact in facts}
    return TextCheck(
        {loss.trade: check_item(f"{loss.cause} {loss.lesson}", loss.facts, known) for loss in answer.losses}
    )


def check_item(text: str, cited: Sequence[str], facts: Mapping[str, Fact]) -> ItemCheck:
    """Compare the numbers in `text` with the facts whose ids it cites."""
    unknown = tuple(Contradiction(name, None, "there is no such fact") for name in cited if name not in facts)
    sources = [_Source.of(facts[name]) for name in cited if name in facts]
    claims = [claim for sentence in _SENTENCE.split(readable(text)) for claim in _claims(sentence)]
    if any(source.has_minutes for source in sources):
        checked = claims
    else:
        checked = [claim for claim in claims if claim.number.kind != "minutes"]
    if checked and not cited:
        return ItemCheck("uncited", uncited=tuple(claim.number.text for claim in checked))
    wrong = tuple(_contradiction(claim, sources) for claim in checked if not any(s.bears_out(claim) for s in sources))
    found = (*unknown, *wrong)
    return ItemCheck("contradicts" if found else "reconciled", found)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A stated number in its sentence.

    `lost`: it is told as a loss. `gloomy`: its sentence speaks of losses, or it is told as paid, so that a negative
    value may stand there without its sign.
    """

    number: Number
    lost: bool
    gloomy: bool


def _claims(sentence: str) -> list[_Claim]:
    gloomy = _LOSS_WORD.search(sentence) is not None
    return [_claim(number, sentence[: number.start], sentence[number.end :], gloomy) for number in numbers_in(sentence)]


def _claim(number: Number, before: str, after: str, gloomy: bool) -> _Claim:
    lost = number.sign == "-" or bool(_LOSS_BEFORE.search(before) or _LOSS_AFTER.search(after))
    paid = bool(_PAID_BEFORE.search(before) or _PAID_AFTER.search(after))
    return _Claim(number, lost, gloomy or paid)


@dataclass(frozen=True, slots=True)
class _Source:
    """A cited fact as the signed values that it bears out."""

    fact: Fact
    values: tuple[tuple[Kind, float], ...]
    gloomy: bool

    @classmethod
    def of(cls, fact: Fact) -> "_Source":
        text = readable(fact.text)
        stated = [(n.kind, -n.value if _negative(n, fact) else n.value) for n in numbers_in(text)]
        return cls(fact, (*_values(fact), *stated), _LOSS_WORD.search(text) is not None)

    @property
    def has_minutes(self) -> bool:
        return any(kind == "minutes" for kind, _ in self.values)

    def bears_out(self, claim: _Claim) -> bool:
        return any(_equal(claim.number, kind, value) and self._same_sign(claim, value) for kind, value in self.values)

    def distance(self, number: Number) -> float:
        return min(
            (abs(number.value - abs(value)) for kind, value in self.values if kind == number.kind), default=1e300
        )

    def _same_sign(self, claim: _Claim, value: float) -> bool:
        if self.fact.unit in ("count", "minutes", "price") or value == 0:
            return True
        if value > 0:
            return not claim.lost or self.gloomy
        return claim.number.sign != "+" and (claim.lost or claim.gloomy or self.gloomy)


def _values(fact: Fact) -> list[tuple[Kind, float]]:
    """The fact's own value in the kinds in which a text may state it."""
    value = fact.value
    if value is None:
        return []
    by_unit: dict[str, list[tuple[Kind, float]]] = {
        "%": [("percent", value)],
        "bps": [("percent", value / 100)],
        "minutes": [("minutes", value)],
        "ratio": [("plain", value), ("percent", value * 100)],
    }
    return by_unit.get(fact.unit, [("plain", value)])


def _negative(number: Number, fact: Fact) -> bool:
    """Whether a number in the fact's line is negative: by its sign, or because it is the fact's negative value."""
    own = fact.value if fact.value is not None else 0.0
    return number.sign == "-" or (number.sign == "" and own < 0 and abs(number.value + own) <= number.tolerance)


def _equal(number: Number, kind: Kind, value: float) -> bool:
    """Equal after rounding to the stated digits; a plain fraction may stand for a percentage."""
    slack = number.tolerance * (1 + 1e-9) + 1e-12
    if kind == number.kind:
        return abs(number.value - abs(value)) <= slack
    fraction = kind == "percent" and number.kind == "plain" and 0 < number.value < 1
    return fraction and abs(number.value * 100 - abs(value)) <= slack * 100


def _contradiction(claim: _Claim, sources: Sequence[_Source]) -> Contradiction:
    nearest = min(sources, key=lambda source: source.distance(claim.number), default=None)
    if nearest is None:
        return Contradiction(claim.number.text, None, "no known fact is cited")
    return Contradiction(claim.number.text, nearest.fact.id, nearest.fact.text)
