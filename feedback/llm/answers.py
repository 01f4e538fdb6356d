"""The shapes of what models answer. Text is bounded and made safe to show; unknown keys are errors.

A section may come as one item or as a list, an item as a bare text: that is read as what it means, because it
changes nothing but words. Numbers are only ever read from proposals, see adjustments.py.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from feedback.llm.sanitise import sanitise

MAX_TEXT = 1500
MAX_ITEMS = 12
MAX_INSTANCES = 60


def text_of(limit: int) -> AfterValidator:
    """Clean the text and cut it at `limit`; nothing visible left is an error."""

    def clean(text: str) -> str:
        cleaned = sanitise(text, limit)
        if not cleaned:
            raise ValueError("The text is empty.")
        return cleaned

    return AfterValidator(clean)


def _item(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


def _items(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Text = Annotated[str, Field(max_length=4 * MAX_TEXT), text_of(MAX_TEXT)]
FactId = Annotated[str, Field(pattern=r"^[A-Z]{1,3}[0-9]{1,6}$")]
Label = Annotated[str, Field(min_length=1, max_length=120), text_of(120)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class Item(_Strict):
    """One statement with the ids of the facts it rests on."""

    text: Text
    facts: list[FactId] = Field(default_factory=list, max_length=20)


Items = Annotated[list[Annotated[Item, BeforeValidator(_item)]], BeforeValidator(_items), Field(max_length=MAX_ITEMS)]


class ReviewAnswer(_Strict):
    """A day's review. `strategy_evaluation` is keyed by strategy instance."""

    summary: Annotated[Items, Field(min_length=1)]
    success_factors: Items = Field(default_factory=list)
    failure_factors: Items = Field(default_factory=list)
    strategy_evaluation: Annotated[dict[Label, Items], Field(max_length=MAX_INSTANCES)] = Field(default_factory=dict)
    missed_opportunities: Items = Field(default_factory=list)
    tomorrow: Items = Field(default_factory=list)
    risk_improvements: Items = Field(default_factory=list)

    def items(self) -> dict[str, Item]:
        """Every statement by its place, such as `failure_factors[0]` or `strategy_evaluation.a.BTCUSDT[0]`."""
        sections: dict[str, Sequence[Item]] = {
            name: getattr(self, name) for name in type(self).model_fields if name != "strategy_evaluation"
        }
        sections |= {f"strategy_evaluation.{name}": items for name, items in self.strategy_evaluation.items()}
        return {f"{place}[{n}]": item for place, items in sections.items() for n, item in enumerate(items)}


class Loss(_Strict):
    """Why one losing trade lost, and what to learn from it. `trade` is the label the prompt gave it."""

    trade: Label
    cause: Text
    lesson: Text
    facts: list[FactId] = Field(default_factory=list, max_length=20)


class LossReviewAnswer(_Strict):
    """The answer about a batch of losing trades."""

    losses: Annotated[list[Loss], Field(min_length=1, max_length=50)]


class ProposalsAnswer(_Strict):
    """Adjustments by strategy instance, not yet checked against any declaration; empty means: change nothing."""

    adjustments: Annotated[dict[str, Any], Field(max_length=MAX_INSTANCES)]


_TEXT_SCHEMA = {"type": "string", "maxLength": MAX_TEXT}
_FACTS_SCHEMA = {"type": "array", "items": {"type": "string"}}


def review_schema(instances: Sequence[str]) -> Mapping[str, Any]:
    """The JSON schema of a review of `instances`, as shown to a model."""
    item = _object({"text": _TEXT_SCHEMA, "facts": _FACTS_SCHEMA})
    items = {"$ref": "#/$defs/items"}
    by_instance = _object(dict.fromkeys(sorted(instances), items))
    sections = {**dict.fromkeys(ReviewAnswer.model_fields, items), "strategy_evaluation": by_instance}
    return {"$defs": {"items": {"type": "array", "items": item, "maxItems": MAX_ITEMS}}, **_object(sections)}


def loss_review_schema(trades: Sequence[str]) -> Mapping[str, Any]:
    """The JSON schema of the review of the losing trades with these labels."""
    loss = _object(
        {
            "trade": {"type": "string", "enum": list(trades)},
            "cause": _TEXT_SCHEMA,
            "lesson": _TEXT_SCHEMA,
            "facts": _FACTS_SCHEMA,
        }
    )
    return _object({"losses": {"type": "array", "items": loss}})


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object schema whose properties are all required and no others allowed."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
