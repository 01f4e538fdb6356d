"""Parameters: one declaration from which bounds checks, forms, JSON schemas and docs are all derived."""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from core.errors import InvalidInput, OutOfBounds, UnknownName

ParameterType = Literal["float", "int"]
RiskDirection = Literal["up", "down", "none"]
AppliesAt = Literal["next_bar", "next_order", "flat", "restart"]

APPLIES_ORDER: tuple[AppliesAt, ...] = ("next_bar", "next_order", "flat", "restart")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One tunable number of a strategy.

    `max_change` is the largest relative change per approval (0.3 is 30 %); one `step` is always allowed.
    `risk` is the direction in which the value takes more risk. `applies` is the moment a new value takes effect.
    """

    name: str
    default: float
    low: float
    high: float
    step: float
    unit: str
    help: str
    type: ParameterType = "float"
    max_change: float = 0.3
    risk: RiskDirection = "none"
    applies: AppliesAt = "next_bar"

    def __post_init__(self) -> None:
        if not (self.low <= self.default <= self.high and self.step > 0):
            raise InvalidInput(f"Parameter {self.name}: need low <= default <= high and step > 0.", field=self.name)

    def check(self, value: object) -> float:
        """Return `value` on its step as a float; raise InvalidInput or OutOfBounds naming this parameter."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
            raise InvalidInput(
                f"{self.name} must be a finite number, not {value!r}.", field=self.name, remedy="Send a JSON number."
            )
        if not self.low <= value <= self.high:
            raise OutOfBounds(
                f"{self.name} = {value:g} is outside {self.low:g} to {self.high:g} {self.unit}.",
                field=self.name,
                remedy="Choose a value inside the bounds.",
            )
        on_step = self.round(value)
        if abs(on_step - value) > 1e-6 * self.step:
            raise OutOfBounds(
                f"{self.name} = {value!r} is not on its step of {self.step:g}.",
                field=self.name,
                remedy=f"Nearest: {on_step:g}.",
            )
        return on_step

    def round(self, value: float) -> float:
        """The nearest value on the step grid (counted from zero), inside the bounds, free of binary noise."""
        step = Decimal(repr(self.step))
        on_grid = float((Decimal(repr(float(value))) / step).quantize(Decimal(1)) * step)
        return min(max(on_grid, self.low), self.high)

    def largest_change(self, current: float) -> float:
        """The largest absolute change one approval may make from `current`."""
        return max(abs(current) * self.max_change, self.step)

    def takes_more_risk(self, before: float, after: float) -> bool:
        return (self.risk == "up" and after > before) or (self.risk == "down" and after < before)


@dataclass(frozen=True)
class Declaration(Mapping[str, Parameter]):
    """The parameters of one strategy, in the order in which the compiled step reads them."""

    parameters: tuple[Parameter, ...]

    def __post_init__(self) -> None:
        names = [p.name for p in self.parameters]
        if len(set(names)) != len(names):
            raise InvalidInput("A parameter is declared twice.", field="parameters")

    @cached_property
    def _by_name(self) -> dict[str, Parameter]:
        return {p.name: p for p in self.parameters}

    def __getitem__(self, name: str) -> Parameter:
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownName.among("parameter", name, self._by_name) from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self.parameters)

    def complete(self, values: Mapping[str, Any]) -> dict[str, float]:
        """Check every value and fill the rest with defaults; unknown names and bad values raise InvalidInput."""
        for name in values:
            self[name]
        return {p.name: p.check(values.get(p.name, p.default)) for p in self.parameters}

    def defaults(self) -> dict[str, float]:
        return {p.name: float(p.default) for p in self.parameters}

    def json_schema(self) -> dict[str, Any]:
        """The JSON schema of a partial set of values, as shown to a language model and used by the API."""
        properties = {
            p.name: {
                "type": "integer" if p.type == "int" else "number",
                "minimum": p.low,
                "maximum": p.high,
                "multipleOf": p.step,
                "description": f"{p.help} Unit: {p.unit}. Largest change per approval: {p.max_change:.0%}.",
            }
            for p in self.parameters
        }
        return {"type": "object", "properties": properties, "additionalProperties": False}


def digest_of(document: Any) -> str:
    """sha256 over the canonical JSON of `document`: sorted keys, no spaces, no NaN."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class ParameterSet:
    """An immutable, versioned set of values of one strategy instance. Version 1 is what the instance started with."""

    instance_id: str
    version: int
    values: Mapping[str, float]
    author: str
    parent: int | None = None
    proposal_id: str | None = None

    @cached_property
    def digest(self) -> str:
        """The digest of the values alone, so that two versions with equal values prove equal."""
        return digest_of({name: float(value) for name, value in self.values.items()})
