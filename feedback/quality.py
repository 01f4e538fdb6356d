"""Whether a day can be judged at all: enough bars, and books that add up."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from core.market import DataQuality
from feedback.texts import Texts
from storage.queries.day import Books

#: More than this share of missing minutes and the day is not judged.
MISSING_LIMIT = 0.05
#: Quantities and fees may differ by this share: the engine's arithmetic is binary.
_TOLERANCE = Decimal("0.000001")


def reasons_against(qualities: Mapping[str, DataQuality], books: Iterable[Books], texts: Texts) -> list[str]:
    """Why the day cannot be judged, one line each; empty when it can. `qualities` is by series (venue/symbol)."""
    bars = [line for series, quality in qualities.items() if (line := _bars_line(series, quality, texts))]
    return bars + [line for book in books if (line := _book_line(book, texts))]


def _bars_line(series: str, quality: DataQuality, texts: Texts) -> str | None:
    expected = quality.bars + quality.missing_minutes
    if quality.bars == 0:
        return texts.say("quality.no_bars", series=series)
    if quality.missing_minutes > MISSING_LIMIT * expected:
        share = 100 * quality.missing_minutes / expected
        return texts.say("quality.missing", series=series, minutes=quality.missing_minutes, share=share)
    return None


def _book_line(book: Books, texts: Texts) -> str | None:
    """Fills and trades tell one story when what was opened and is still held equals the change of the position.

    Fills close or open. Those that close are the trades closed today; of those that open, the ones closed again today
    are the trades inside; the rest is still held, all of one side. The position changed by just that rest, less what
    had been carried into the day and was closed.
    """
    if book.wrong_sums:
        return texts.say("quality.wrong_sums", instance=book.instance_id, trades=book.wrong_sums)
    still_open = book.filled - book.closed - book.inside
    if abs(abs(book.moved + book.carried_signed) - still_open) > _TOLERANCE * (1 + book.filled):
        return texts.say("quality.quantities", instance=book.instance_id)
    if book.inside_fees > book.fill_fees + _TOLERANCE * (1 + book.fill_fees):
        return texts.say("quality.fees", instance=book.instance_id)
    return None
