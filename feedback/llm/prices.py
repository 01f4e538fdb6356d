"""What tokens cost, as dated data: prices.json holds every price with its first day, source and peak hours."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from core.clock import aware
from feedback.llm.client import LlmRequest, Quote, Usage

_PER_MILLION = Decimal(1_000_000)
_TABLE = Path(__file__).with_name("prices.json")
#: Bytes of prompt per token, on the safe side: English has about 6, Korean about 4.7, dense numbers about 2.
_BYTES_PER_TOKEN = 2
_TOKENS_PER_MESSAGE = 8


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens: prompt read from the provider's cache, prompt not cached, completion with reasoning."""

    cached: Decimal
    prompt: Decimal
    completion: Decimal
    known: bool = True

    def of(self, usage: Usage) -> Decimal:
        """The cost of `usage` in USD, exact."""
        fresh = usage.prompt - usage.cached
        units = self.cached * usage.cached + self.prompt * fresh + self.completion * usage.completion
        return units / _PER_MILLION

    def quote(self, request: LlmRequest) -> Quote:
        """The most `request` can cost: its prompt uncached, its answer as long as allowed."""
        most = Usage(prompt=estimated_tokens(request), completion=request.max_tokens)
        return Quote(self.of(most), self.known)


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price of one model from a moment on; `off_peak` holds outside the peak hours (UTC, ISO weekdays)."""

    provider: str
    model: str
    valid_from: datetime
    peak: Price
    off_peak: Price | None
    weekdays: frozenset[int]
    hours: tuple[tuple[time, time], ...]

    def at(self, moment: datetime) -> Price:
        if self.off_peak is None:
            return self.peak
        in_hours = any(start <= moment.time() < end for start, end in self.hours)
        return self.peak if in_hours and moment.isoweekday() in self.weekdays else self.off_peak


@dataclass(frozen=True)
class PriceTable:
    """All prices known to Tradeloop. A model without a row costs `unknown`, the worst case, and never nothing."""

    rows: Sequence[PriceRow]
    unknown: Price

    def at(self, provider: str, model: str, moment: datetime) -> Price:
        """The price at `moment` (aware)."""
        row = self._row(provider, model, moment)
        return row.at(aware(moment, "moment")) if row else self.unknown

    def highest(self, provider: str, model: str, moment: datetime) -> Price:
        """The price at the dearest hour of the day, for reservations."""
        row = self._row(provider, model, moment)
        return row.peak if row else self.unknown

    def _row(self, provider: str, model: str, moment: datetime) -> PriceRow | None:
        fitting = [r for r in self.rows if (r.provider, r.model) == (provider, model) and r.valid_from <= moment]
        return max(fitting, key=lambda row: row.valid_from, default=None)


def estimated_tokens(request: LlmRequest) -> int:
    """An upper estimate of the prompt's tokens, counted without a tokenizer."""
    texts = [request.system, *(message.text for message in request.messages)]
    return sum(len(text.encode(errors="replace")) // _BYTES_PER_TOKEN + _TOKENS_PER_MESSAGE for text in texts)


@cache
def load_prices(path: Path = _TABLE) -> PriceTable:
    """Read a price table; the shipped one by default."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return PriceTable([_row(row) for row in document["prices"]], _price(document["unknown"], known=False))


def _row(row: Mapping[str, Any]) -> PriceRow:
    return PriceRow(
        provider=row["provider"],
        model=row["model"],
        valid_from=aware(datetime.fromisoformat(row["valid_from"]), "valid_from"),
        peak=_price(row["usd_per_million"]),
        off_peak=_price(row["off_peak"]) if "off_peak" in row else None,
        weekdays=frozenset(row.get("peak_weekdays", ())),
        hours=tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in row.get("peak_hours_utc", ())),
    )


def _price(row: Mapping[str, str], *, known: bool = True) -> Price:
    return Price(Decimal(row["cached"]), Decimal(row["prompt"]), Decimal(row["completion"]), known)
