"""Proposed parameter values, checked one by one against the declarations. Nothing is rounded, guessed or completed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidInput, OutOfBounds, UnknownName
from core.parameters import Declaration, Parameter
from feedback.llm.answers import ProposalsAnswer
from feedback.llm.sanitise import sanitise

REASON = "adjustments_reason"
CONFIDENCE = "confidence"
MAX_CHANGES = 4
MAX_REASON = 600


@dataclass(frozen=True, slots=True)
class Adjustment:
    """New values of one instance: every one declared, in bounds, on its step, within max_change and a real change."""

    instance_id: str
    changes: Mapping[str, float]
    reason: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an instance's adjustment was dropped. `field` is the parameter (or key) at fault, `code` is stable."""

    instance: str
    field: str
    code: str
    why: str

    @property
    def line(self) -> str:
        return f"{self.instance}.{self.field}: {self.why}" if self.field else f"{self.instance}: {self.why}"


class _Refused(Exception):
    """One value of an adjustment cannot be taken."""

    def __init__(self, field: str, code: str, why: str) -> None:
        super().__init__(why)
        self.field = sanitise(field, 80)
        self.code = code
        self.why = sanitise(why, 300)


def parse_adjustments(
    answer: ProposalsAnswer,
    declarations: Mapping[str, Declaration],
    current: Mapping[str, Mapping[str, float]],
) -> tuple[list[Adjustment], list[Refusal]]:
    """Split an answer into adjustments that may go to the gate and refusals that say why not.

    `declarations` and `current` are keyed by instance. One bad value drops its whole instance and no other.
    """
    adjustments, refusals = [], []
    for instance, proposed in answer.adjustments.items():
        try:
            adjustments.append(_adjustment(instance, proposed, declarations, current))
        except _Refused as refused:
            refusals.append(Refusal(sanitise(instance, 120), refused.field, refused.code, refused.why))
    return adjustments, refusals


def proposals_schema(declarations: Mapping[str, Declaration]) -> Mapping[str, Any]:
    """The JSON schema of the proposals answer. Instances of one strategy share the definition of its parameters."""
    strategies = list(dict.fromkeys(declarations[name].parameters for name in sorted(declarations)))
    names = {parameters: f"strategy_{number}" for number, parameters in enumerate(strategies, 1)}
    instances = {name: {"$ref": f"#/$defs/{names[declarations[name].parameters]}"} for name in sorted(declarations)}
    adjustments = {"type": "object", "properties": instances, "additionalProperties": False}
    return {
        "$defs": {names[parameters]: _instance_schema(Declaration(parameters)) for parameters in strategies},
        "type": "object",
        "properties": {"adjustments": adjustments},
        "required": ["adjustments"],
        "additionalProperties": False,
    }


def _instance_schema(declaration: Declaration) -> dict[str, Any]:
    schema = declaration.json_schema()
    schema["properties"] |= {
        REASON: {"type": "string", "maxLength": MAX_REASON},
        CONFIDENCE: {"type": "number", "minimum": 0, "maximum": 1},
    }
    return {**schema, "required": [REASON, CONFIDENCE]}


def _adjustment(
    instance: str,
    proposed: object,
    declarations: Mapping[str, Declaration],
    current: Mapping[str, Mapping[str, float]],
) -> Adjustment:
    declaration = declarations.get(instance)
    if declaration is None:
        raise _Refused("", "unknown_instance", str(UnknownName.among("strategy instance", instance, declarations)))
    if not isinstance(proposed, Mapping):
        raise _Refused("", "wrong_type", "An adjustment must be a JSON object of parameter values.")
    values = {name: value for name, value in proposed.items() if name not in (REASON, CONFIDENCE)}
    changes = dict(_changes(values, declaration, current[instance]))
    if not changes:
        raise _Refused("", "no_change", "Nothing differs from the current values.")
    if len(changes) > MAX_CHANGES:
        raise _Refused("", "too_many_changes", f"{len(changes)} changes at once; at most {MAX_CHANGES} are allowed.")
    return Adjustment(instance, changes, _reason(proposed.get(REASON)), _confidence(proposed.get(CONFIDENCE)))


def _changes(
    values: Mapping[str, object], declaration: Declaration, current: Mapping[str, float]
) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        parameter, checked = _checked(name, value, declaration)
        before = current[name]
        change, most = abs(checked - before), parameter.largest_change(before)
        if change > most * (1 + 1e-9):
            raise _Refused(name, "max_change", f"A change by {change:g} from {before:g}; at most {most:g} is allowed.")
        if change > 0:
            yield name, checked


def _checked(name: str, value: object, declaration: Declaration) -> tuple[Parameter, float]:
    try:
        parameter = declaration[name]
    except UnknownName as error:
        raise _Refused(name, "unknown_parameter", str(error)) from None
    if not isinstance(value, int | float):
        raise _Refused(name, "not_a_number", f"The value must be a JSON number, not a {type(value).__name__}.")
    try:
        return parameter, parameter.check(value)
    except OutOfBounds as error:
        raise _Refused(name, "out_of_bounds", str(error)) from None
    except InvalidInput as error:
        raise _Refused(name, "not_a_number", str(error)) from None


def _reason(value: object) -> str:
    reason = sanitise(value, MAX_REASON) if isinstance(value, str) else ""
    if not reason:
        raise _Refused(REASON, "no_reason", "An adjustment needs a reason in words.")
    return reason


def _confidence(value: object) -> float | None:
    """The stated confidence in [0, 1]; None when the model states none."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _Refused(CONFIDENCE, "bad_confidence", "The confidence must be a number from 0 to 1.")
    return float(value)
