"""One answer's way up the ladder: finish reason, text, JSON, schema. Pure: no model, no ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from feedback.llm.client import LlmAnswer
from feedback.llm.parse import How, Rejected, parse
from feedback.llm.sanitise import sanitise

T = TypeVar("T")
#: Turns a JSON object into a checked value; raises pydantic's ValidationError or Rejected.
Validate = Callable[[dict[str, Any]], T]
MAX_COMPLAINTS = 12


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """An accepted answer."""

    value: T
    how: How


def read(answer: LlmAnswer, validate: Validate[T], *, repair: bool) -> Read[T]:
    """Climb the ladder; raises Rejected with a stable reason and the complaints for the model."""
    if answer.finish_reason != "stop":
        raise Rejected(f"finish_{sanitise(answer.finish_reason, 40)}", ["The answer is not complete."])
    parsed = parse(answer.text, repair=repair)
    try:
        return Read(validate(parsed.document), parsed.how)
    except ValidationError as error:
        raise Rejected("wrong_shape", _complaints(error)) from None


def _complaints(error: ValidationError) -> Sequence[str]:
    """The paths and messages of a validation error, without its input values."""
    details = error.errors(include_url=False, include_input=False, include_context=False)
    places = ((".".join(str(part) for part in detail["loc"]), detail["msg"]) for detail in details[:MAX_COMPLAINTS])
    return [sanitise(f"{place or 'answer'}: {message}", 200) for place, message in places]
