"""The three kinds of models and the types that every resource uses."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from feedback.llm.sanitise import sanitise

NAME_PATTERN = r"^[A-Za-z0-9_.~#:-]+$"
SMALLEST_YEAR, LARGEST_YEAR = 1970, 2200


def _utc(moment: datetime) -> datetime:
    if not SMALLEST_YEAR < moment.year < LARGEST_YEAR:
        raise ValueError(f"the year must lie between {SMALLEST_YEAR} and {LARGEST_YEAR}")
    return moment.astimezone(UTC)


def text_of(limit: int) -> Any:
    """One line of free text of people: invisible and control characters are removed; `limit` counts characters."""
    return Annotated[str, Field(max_length=limit), AfterValidator(lambda text: sanitise(text, limit))]


Name = Annotated[str, Field(pattern=NAME_PATTERN, min_length=1, max_length=128)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="sha256, 64 hexadecimal digits")]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
Note = text_of(1000)
Number = Annotated[Decimal, PlainSerializer(float, return_type=float)]
Money = Annotated[Number, Field(description="quote currency")]
Fraction = Annotated[float, Field(description="0.01 is 1 %")]


class Body(BaseModel):
    """A request body: unknown fields and NaN are refused; an absent body counts as an empty one."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _absent_is_empty(cls, sent: Any) -> Any:
        return {} if sent is None else sent


class Parsed(BaseModel):
    """What flask-openapi3 parses by its JSON schema, which it asks for with every request: it is made once."""

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return _schema(cls, args, tuple(kwargs.items()))


@cache
def _schema(model: type[Parsed], args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    return super(Parsed, model).model_json_schema(*args, **dict(kwargs))


class Query(Parsed):
    """Query parameters: unknown names are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Path(BaseModel):
    """Parts of the path."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """An answer, built from a dataclass or a row."""

    model_config = ConfigDict(from_attributes=True)


class PageQuery(Query):
    """Where a list goes on and how long a page is."""

    cursor: Annotated[str, Field(max_length=500)] | None = Field(None, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=500)


class ErrorDetail(Out):
    """`code` is stable and for programs; `message` is for people and names the remedy."""

    code: str
    message: str
    field: str | None = None


class ErrorOut(Out):
    """The body of every answer that is not a success."""

    error: ErrorDetail
