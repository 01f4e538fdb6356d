"""Every error that Tradeloop raises on purpose.

TradeloopError
├── InvalidInput            the caller sent something wrong; names the field and the remedy
│   ├── UnknownName         a name that does not exist, with "did you mean"
│   └── OutOfBounds         a value outside its declared range or step
├── NotFound                the thing asked for does not exist
├── Conflict                the world moved on since the caller looked
│   ├── DigestMoved         an approval was bound to another diff
│   ├── BaseMoved           the instance has a newer parameter version than the proposal's base
│   └── IllegalMove         this status may not become that status
├── Forbidden               a rule of ours refuses, whoever asks
├── BadData                 market data or a stored document that cannot be trusted
├── HomeInUse               another process owns this home
├── BudgetExhausted         the language-model budget would be exceeded
├── AnswerRejected          a language model's answer could not be used
└── Unavailable             transient: a store, feed, model or receiver did not answer

`permanent` says whether the same call can succeed later unchanged; `who` says who has to act.
The class docstring is the default message. The API maps classes to HTTP statuses in one place.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar, Literal

Actor = Literal["caller", "operator", "nobody"]


class TradeloopError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    permanent: ClassVar[bool] = True
    who: ClassVar[Actor] = "operator"

    def __init__(self, message: str = "", *, field: str | None = None, remedy: str | None = None) -> None:
        text = message or (type(self).__doc__ or "").strip()
        super().__init__(f"{text} {remedy}" if remedy else text)
        self.message = text
        self.field = field
        self.remedy = remedy


class InvalidInput(TradeloopError):
    """The input is not valid."""

    code = "invalid_input"
    who = "caller"


class UnknownName(InvalidInput):
    """That name does not exist."""

    code = "unknown_name"

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str]) -> "UnknownName":
        """Build the error with the nearest known name as its remedy."""
        names = sorted(known)
        near = get_close_matches(name, names, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names) or 'none'}."
        return cls(f"Unknown {kind} {name!r}.", field=name, remedy=remedy)


class OutOfBounds(InvalidInput):
    """The value is outside its declared range."""

    code = "out_of_bounds"


class NotFound(TradeloopError):
    """There is no such thing."""

    code = "not_found"
    who = "caller"


class Conflict(TradeloopError):
    """The state has changed since you looked."""

    code = "conflict"
    who = "caller"


class DigestMoved(Conflict):
    """The digest does not belong to this diff any more."""

    code = "digest_moved"


class BaseMoved(Conflict):
    """The instance has a newer parameter version than this proposal was made for."""

    code = "base_moved"


class IllegalMove(Conflict):
    """That status change is not allowed."""

    code = "illegal_move"


class Forbidden(TradeloopError):
    """A safety rule refuses this."""

    code = "forbidden"
    who = "caller"


class BadData(TradeloopError):
    """The data cannot be trusted."""

    code = "bad_data"


class HomeInUse(TradeloopError):
    """Another process owns this home."""

    code = "home_in_use"
    who = "caller"


class BudgetExhausted(TradeloopError):
    """The language-model budget would be exceeded."""

    code = "budget_exhausted"


class AnswerRejected(TradeloopError):
    """The model's answer could not be used."""

    code = "answer_rejected"
    who = "nobody"


class Unavailable(TradeloopError):
    """A service that Tradeloop needs did not answer."""

    code = "unavailable"
    permanent = False
